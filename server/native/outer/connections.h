/* What connects the supervisor with bubblewrap and the relay. */
#ifndef EBUILD_AUDIT_CONNECTIONS_H
#define EBUILD_AUDIT_CONNECTIONS_H

#include <stdbool.h>

struct connections {
	/* The output of the sandbox: the relay reads what the sandbox writes. */
	int output, sandbox_output;
	/* The socket of the stage, from both sides. */
	int outer, inner;
	/* Carries the error when bubblewrap cannot be executed, and is at its end when it is. */
	int broken, sandbox_broken;
};

#define AUTO_CLOSE_CONNECTIONS __attribute__((cleanup(close_connections)))

/*
 * Opens all of them, out of the way of the numbers that are fixed in the sandbox. When it returns false with errno, there may be
 * something to close too.
 */
bool open_connections(struct connections *c);
void close_connections(struct connections *c);

#endif
