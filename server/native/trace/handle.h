/* Opening paths of the view in order to look at them. */
#ifndef EBUILD_AUDIT_HANDLE_H
#define EBUILD_AUDIT_HANDLE_H

#include <stdint.h>

/* What the view holds under a path. Unknown is what lies below /proc, which shows everyone something else. */
enum result { RESULT_UNKNOWN, RESULT_MISSING, RESULT_FILE, RESULT_FOLDER };

/*
 * Opens a path relative to `folder` with O_PATH and the other `flags`. `resolve` is that of openat2(2). A slash at the beginning
 * counts for nothing, because it would lead out of the folder. Returns -1 with errno when it cannot.
 */
int open_handle(int folder, const char *path, uint64_t flags, uint64_t resolve);
/* Opens it likewise, tells what it is, and closes it. */
enum result look_at(int folder, const char *path, uint64_t flags, uint64_t resolve);

#endif
