/* What `run` is asked to do. */
#ifndef EBUILD_AUDIT_OPTIONS_H
#define EBUILD_AUDIT_OPTIONS_H

#include "base/identity.h"
#include "limits/limits.h"

#include <stddef.h>

struct run_options {
	const char *staging, *staging_options, *bwrap;
	int events, control;
	bool drop, trace;
	/* Whom the command runs as, if `drop`. */
	struct identity identity;
	struct limits limits;
	/* What the sandbox may write to on disk; allocated. */
	char **folders;
	size_t folder_count;
	/* Bubblewrap's, its name first. */
	char **arguments;
};

/* Parses the arguments of `run` (docs/trace-format.md); false when they make no sense. */
bool parse_run_options(int argc, char **argv, struct run_options *options);

#endif
