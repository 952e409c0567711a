/* The parts of the supervisor: its options, its namespaces, the relay of the output, and the hand-over from the inner stage. */
#ifndef EBUILD_AUDIT_RUN_H
#define EBUILD_AUDIT_RUN_H

#include "limits.h"

/* ---- options.c ---- */

struct run_options {
	const char *staging, *staging_options, *bwrap;
	int events, control;
	bool drop, trace;
	uid_t uid;
	gid_t gid;
	struct limits limits;
	/* What the sandbox may write to on disk; allocated. */
	char **folders;
	size_t folder_count;
	/* Bubblewrap's, its name first. */
	char **arguments;
};

/* Parses the arguments of `run` (docs/trace-format.md); false when they make no sense. */
bool parse_run_options(int argc, char **argv, struct run_options *options);

/* ---- namespaces.c ---- */

/* Writes all of `text` into an existing file; errno tells why not. */
bool write_text(const char *name, const char *text);
/*
 * Moves this process into a mount namespace of its own, whose mounts nobody else sees; an ordinary user into a user namespace
 * too, as its uid 0 (user_namespaces(7)). False: `failure` says why.
 */
bool enter_namespaces(bool is_root, struct failure *failure);

/* ---- relay.c ---- */

/*
 * Copies the sandbox's output to Node until its end; leaves with LIMIT_OUTPUT once there are more than `most` bytes (0: no limit).
 * Node's end is a socket, and a socket cannot be opened again as /dev/stdout, which builds do; so the sandbox writes to a pipe.
 */
_Noreturn void relay_output(int from, uint64_t most);

/* ---- handover.c: what the stage sends over its socket ---- */

enum { HANDED_LISTENER, HANDED_PROC, HANDED_SEGMENTS, HANDED_COUNT };

struct handover {
	/* 'R': ready; 'E': `step` failed with `error`. */
	char kind;
	char step[31];
	int32_t error;
	/* -1: none. The seccomp listener; the sandbox's /proc, and its /proc/sysvipc/shm, for the watcher. */
	int fds[HANDED_COUNT];
};

/* `pass` is what lets the message through the filter that the sender stands under already (install_filter); 0 without one. */
bool handover_send(int socket, const struct handover *handover, uint32_t pass);
/* Returns 1 with a message, 0 at the end of the socket or when it makes no sense, -1 when there is nothing yet. */
int handover_receive(int socket, struct handover *handover);

#endif
