/* What a run of the sandbox may use: names, values, and the kernel's own limits; docs/limits.md tells it to users. */
#ifndef EBUILD_AUDIT_LIMITS_H
#define EBUILD_AUDIT_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

/* Also the exit status with which the watcher and the relay say what was exceeded. */
enum limit { LIMIT_NONE, LIMIT_PROCESSES, LIMIT_MEMORY, LIMIT_DISK, LIMIT_FILES, LIMIT_OUTPUT, LIMIT_TIME, LIMIT_COUNT };

/* In the units of SandboxLimits (server/src/sandbox/sandbox.ts); 0: no limit. */
struct limits {
	uint64_t most[LIMIT_COUNT];
};

/* "" for LIMIT_NONE and for what is no limit. */
const char *limit_name(enum limit limit);
/* Takes over `NAME=NUMBER`; false when it is none. */
bool limits_parse(struct limits *limits, const char *text);
bool limits_any(const struct limits *limits);
/*
 * Sets the resource limits of the calling process, which is about to become bubblewrap: fences a quarter above what the watcher
 * judges, so that it is the watcher who ends a run. Makes the process the first that the kernel kills when memory is short.
 */
void limits_fence(const struct limits *limits);
/* Likewise for the in-memory file system at `scratch`; false with errno. */
bool limits_fence_scratch(const struct limits *limits, const char *scratch);
/* `value` and a quarter of it, at the most UINT64_MAX. */
uint64_t limit_fence_of(uint64_t value);

#endif
