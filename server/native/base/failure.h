/* Why a run could not begin. */
#ifndef EBUILD_AUDIT_FAILURE_H
#define EBUILD_AUDIT_FAILURE_H

#include "base/paths.h"

/* Where a step failed; `step` is one of the words of docs/trace-format.md. */
struct failure {
	const char *step;
	int error;
	char detail[PATH_BYTES];
};

/* Fills in `failure`; returns false. */
bool fail(struct failure *failure, const char *step, int error, const char *detail);

#endif
