/* One message from the inner half to the outer one. */
#ifndef EBUILD_AUDIT_HANDOVER_H
#define EBUILD_AUDIT_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

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
