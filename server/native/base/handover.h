/* One message from the inner half to the outer one. */
#ifndef EBUILD_AUDIT_HANDOVER_H
#define EBUILD_AUDIT_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

enum { HANDED_LISTENER, HANDED_PROC, HANDED_SEGMENTS, HANDED_COUNT };

struct handover {
	/* 'R' means ready, 'E' that `step` failed with `error`. */
	char kind;
	char step[31];
	int32_t error;
	/* The seccomp listener, and for the watcher the sandbox's /proc and its /proc/sysvipc/shm. -1 stands for none. */
	int fds[HANDED_COUNT];
};

/* The sender may stand under the filter already: `pass` lets the message through it (install_filter). It is 0 without a filter. */
bool handover_send(int socket, const struct handover *handover, uint32_t pass);
/*
 * Returns 1 with a message, 0 at the end of the socket or when it makes no sense, -1 when there is nothing yet. With 1 the caller has
 * to close the descriptors. Of a message without sense none is left open.
 */
int handover_receive(int socket, struct handover *handover);

#endif
