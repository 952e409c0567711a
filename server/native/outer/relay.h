/* The sandbox's output on its way to Node. */
#ifndef EBUILD_AUDIT_RELAY_H
#define EBUILD_AUDIT_RELAY_H

#include <stdint.h>

/*
 * Copies the sandbox's output to Node until its end. It leaves with LIMIT_OUTPUT once there are more than `most` bytes, 0 for no limit.
 * Node's end is a socket, which cannot be opened again as /dev/stdout. Builds do that, so that the sandbox writes to a pipe.
 */
_Noreturn void relay_output(int from, uint64_t most);

#endif
