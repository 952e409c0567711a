/* What connects the supervisor with bubblewrap and the relay. */
#ifndef EBUILD_AUDIT_CONNECTIONS_H
#define EBUILD_AUDIT_CONNECTIONS_H

#include <stdbool.h>

struct connections {
	/* The output of the sandbox: the relay reads what the sandbox writes. */
	int output, sandbox_output;
	/* The socket of the stage, from both sides. */
	int outer, inner;
	/* Takes the error when bubblewrap cannot be executed, and ends when it is. */
	int broken, sandbox_broken;
};

#define AUTO_CLOSE_CONNECTIONS __attribute__((cleanup(close_connections)))

/*
 * Opens all of them, out of the way of the numbers that are fixed in the sandbox. False with errno; what has been opened is to be closed
 * then too.
 */
bool open_connections(struct connections *c);
void close_connections(struct connections *c);

#endif
