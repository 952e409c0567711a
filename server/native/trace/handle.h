/* Opening paths of the view in order to look at them. */
#ifndef EBUILD_AUDIT_HANDLE_H
#define EBUILD_AUDIT_HANDLE_H

#include <stdint.h>

/* What the view holds under a path: nothing known (only /proc, which shows everyone something else), nothing, a file, a folder. */
enum result { RESULT_UNKNOWN, RESULT_MISSING, RESULT_FILE, RESULT_FOLDER };

/*
 * Opens a path relative to `folder` with O_PATH and the other `flags`; `resolve` is of openat2(2). A leading slash counts for nothing,
 * because it would leave the folder but for RESOLVE_IN_ROOT. -1 with errno.
 */
int open_handle(int folder, const char *path, uint64_t flags, uint64_t resolve);
/* Opens it likewise, tells what it is, and closes it. */
enum result look_at(int folder, const char *path, uint64_t flags, uint64_t resolve);

#endif
