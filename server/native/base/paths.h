/* How long paths can be, and how they are taken apart. */
#ifndef EBUILD_AUDIT_PATHS_H
#define EBUILD_AUDIT_PATHS_H

#include <stdbool.h>

/* The longest path the kernel takes, with its terminating NUL (linux/limits.h). */
#define PATH_BYTES 4096
/* A folder, a slash and a path: what an absolute path can grow to in the trace. */
#define ABSOLUTE_BYTES (2 * PATH_BYTES + 1)

/* Whether `path` is relative, not empty, and free of empty, `.` and `..` components. */
bool is_inner_path(const char *path);
/*
 * Takes empty, `.` and `..` components out of an absolute path, as far as its text tells. The result is the same file if no link is on the
 * way. `out` has room for ABSOLUTE_BYTES.
 */
void resolve_dots(const char *path, char *out);
const char *last_component(const char *path);

#endif
