/*
 * Tells a process that was killed from outside from one that left or that the build has killed.
 *
 * Every process that leaves on its own says so (exit_group, which the tracer sees). One that is gone without it died of a signal, and
 * a pidfd tells of which one (pidfd_open(2), PIDFD_GET_INFO). The kernel itself sends some signals for what a process does, such as
 * SIGSEGV and SIGPIPE: they prove nothing here. SIGKILL and SIGTERM come from somebody. The tracer sees every call by which a process
 * of the sandbox sends one. If there were fewer such calls than deaths, somebody outside has sent the rest: a user, or the kernel when
 * memory ran out. Which call was for whom is not asked, because process ids differ between namespaces and are used again.
 */
#include "trace/deaths.h"

#include "base/text-file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* linux/pidfd.h of Linux 6.15, which most machines that compile this do not have. */
struct exit_information {
	uint64_t mask, cgroup;
	uint32_t ids[11];
	int32_t exit_code;
};
#define GET_INFORMATION _IOWR(0xFF, 11, struct exit_information)
#define INFORMATION_EXIT (UINT64_C(1) << 3)

/* What remains of the descriptors for everything else that the supervisor does. */
#define DESCRIPTORS_LEFT 64
#define ANY_NUMBER UINT32_MAX

static int open_process(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* The status of a process that has been waited for, as wait(2) gives it. */
static bool read_exit(int pidfd, int *status)
{
	struct exit_information information = {.mask = INFORMATION_EXIT};
	if (ioctl(pidfd, GET_INFORMATION, &information) != 0 || !(information.mask & INFORMATION_EXIT))
		return false;
	*status = information.exit_code;
	return true;
}

/* The status of a process that nobody has waited for yet: the last field of its stat (proc(5)). */
static bool read_zombie(pid_t pid, int *status)
{
	char name[64], text[1024];
	snprintf(name, sizeof name, "/proc/%d/stat", (int)pid);
	if (read_text(AT_FDCWD, name, text, sizeof text) <= 0)
		return false;
	const char *end = strrchr(text, ')');
	const char *last = strrchr(text, ' ');
	if (!end || !last || last < end || strncmp(end, ") Z ", 4) != 0)
		return false;
	*status = (int)strtol(last, NULL, 10);
	return true;
}

/* Tries it on a child, because no call says whether the kernel knows INFORMATION_EXIT. */
static bool is_able(void)
{
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(3);
	if (child < 0)
		return false;
	int fd = open_process(child);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	bool able = fd >= 0 && read_exit(fd, &status) && WIFEXITED(status) && WEXITSTATUS(status) == 3;
	if (fd >= 0)
		close(fd);
	return able;
}

void deaths_open(struct deaths *deaths)
{
	memset(deaths, 0, sizeof *deaths);
	pthread_mutex_init(&deaths->lock, NULL);
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		rlim_t wanted = MOST_WATCHED + 2 * DESCRIPTORS_LEFT;
		files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted > files.rlim_cur ? wanted : files.rlim_cur;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	deaths->able = is_able();
}

static void forget(struct deaths *deaths, size_t at)
{
	close(deaths->fds[at].fd);
	size_t last = --deaths->count;
	deaths->fds[at] = deaths->fds[last];
	deaths->serials[at] = deaths->serials[last];
	deaths->pids[at] = deaths->pids[last];
}

static void forget_all(struct deaths *deaths)
{
	while (deaths->count > 0)
		forget(deaths, deaths->count - 1);
}

void deaths_close(struct deaths *deaths)
{
	forget_all(deaths);
	pthread_mutex_destroy(&deaths->lock);
}

void deaths_watch(struct deaths *deaths, uint32_t serial, pid_t pid)
{
	struct rlimit files;
	pthread_mutex_lock(&deaths->lock);
	if (deaths->able && !deaths->over && deaths->count < MOST_WATCHED) {
		int fd = open_process(pid);
		if (fd >= 0 && getrlimit(RLIMIT_NOFILE, &files) == 0 && (rlim_t)fd + DESCRIPTORS_LEFT >= files.rlim_cur) {
			close(fd);
			fd = -1;
		}
		if (fd >= 0) {
			deaths->fds[deaths->count] = (struct pollfd){.fd = fd, .events = POLLIN};
			deaths->serials[deaths->count] = serial;
			deaths->pids[deaths->count++] = pid;
		}
	}
	pthread_mutex_unlock(&deaths->lock);
}

/* Signals that the kernel sends to nobody on its own account, except when memory is short. */
static bool has_sender(int signal)
{
	return signal == SIGKILL || signal == SIGTERM || signal == SIGUSR1 || signal == SIGUSR2;
}

static void judge(struct deaths *deaths, uint32_t serial, int status)
{
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (!has_sender(signal))
		return;
	uint32_t *sent = &deaths->sent[signal];
	if (*sent == 0 && deaths->found_count < MOST_DEATHS)
		deaths->found[deaths->found_count++] = (struct death){serial, (uint8_t)signal};
	else if (*sent != 0 && *sent != ANY_NUMBER)
		(*sent)--;
}

/* Judges one process if it is dead. @last: nobody will wait for it any more. */
static bool judge_if_dead(struct deaths *deaths, size_t at, bool last)
{
	int status;
	if (deaths->fds[at].revents == 0)
		return false;
	if (!read_exit(deaths->fds[at].fd, &status) && !(last && read_zombie(deaths->pids[at], &status)))
		return false;
	uint32_t serial = deaths->serials[at];
	forget(deaths, at);
	judge(deaths, serial, status);
	return true;
}

/* Looks who is dead. The first process comes first: after its death the kernel kills all others. */
static void look(struct deaths *deaths, bool last)
{
	if (deaths->over || poll(deaths->fds, deaths->count, 0) <= 0)
		return;
	for (size_t i = 0; i < deaths->count; i++)
		if (deaths->serials[i] == 1 && judge_if_dead(deaths, i, last)) {
			deaths->over = true;
			forget_all(deaths);
			return;
		}
	/* Forgetting one moves the last into its place. */
	for (size_t i = deaths->count; i-- > 0;)
		judge_if_dead(deaths, i, last);
}

void deaths_leave(struct deaths *deaths, uint32_t serial)
{
	pthread_mutex_lock(&deaths->lock);
	if (serial == 1 && !deaths->over) {
		look(deaths, true);
		deaths->over = true;
		forget_all(deaths);
	}
	for (size_t i = 0; i < deaths->count; i++)
		if (deaths->serials[i] == serial) {
			forget(deaths, i);
			break;
		}
	pthread_mutex_unlock(&deaths->lock);
}

void deaths_sent(struct deaths *deaths, uint64_t signal, bool to_many)
{
	if (signal >= SIGNAL_NUMBERS)
		return;
	pthread_mutex_lock(&deaths->lock);
	uint32_t *sent = &deaths->sent[signal];
	if (to_many)
		*sent = ANY_NUMBER;
	else if (*sent < ANY_NUMBER - 1)
		(*sent)++;
	pthread_mutex_unlock(&deaths->lock);
}

size_t deaths_take(struct deaths *deaths, struct death *out)
{
	pthread_mutex_lock(&deaths->lock);
	look(deaths, false);
	size_t count = deaths->found_count;
	memcpy(out, deaths->found, count * sizeof *out);
	deaths->found_count = 0;
	pthread_mutex_unlock(&deaths->lock);
	return count;
}
