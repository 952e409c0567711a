/* Which processes of the sandbox died of a signal that nobody in the sandbox has sent. */
#ifndef EBUILD_AUDIT_DEATHS_H
#define EBUILD_AUDIT_DEATHS_H

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* So many processes are watched at one time. A build with more is seen in part. */
#define MOST_WATCHED 4096
/* So many deaths are kept until they are taken. One is enough to stop a run. */
#define MOST_DEATHS 8
#define SIGNAL_NUMBERS 65

struct death {
	uint32_t serial;
	uint8_t signal;
};

/* The tracer's thread tells of processes and signals; the supervisor's takes the deaths. */
struct deaths {
	pthread_mutex_t lock;
	/* Whether the kernel tells the exit status of other processes (Linux 6.15). */
	bool able;
	/* The first process has left or died. Whoever dies from now on dies with the sandbox. */
	bool over;
	size_t count, found_count;
	/* Of each watched process a pidfd, its serial and its process id. */
	struct pollfd fds[MOST_WATCHED];
	uint32_t serials[MOST_WATCHED];
	pid_t pids[MOST_WATCHED];
	/* How often each signal was sent in the sandbox and has killed nobody yet; UINT32_MAX: any number of times. */
	uint32_t sent[SIGNAL_NUMBERS];
	struct death found[MOST_DEATHS];
};

void deaths_open(struct deaths *deaths);
void deaths_close(struct deaths *deaths);
/* A process has been seen for the first time. Serial 1 is the command. */
void deaths_watch(struct deaths *deaths, uint32_t serial, pid_t pid);
/* A process is about to leave on its own. */
void deaths_leave(struct deaths *deaths, uint32_t serial);
/* A process of the sandbox sends a signal: to one process, or to a number of them that is not known. */
void deaths_sent(struct deaths *deaths, uint64_t signal, bool to_many);
/* Moves the deaths that nobody in the sandbox has caused into `out` (MOST_DEATHS entries) and returns how many. */
size_t deaths_take(struct deaths *deaths, struct death *out);

#endif
