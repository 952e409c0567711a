/* Reading from a traced process; every function takes a hostile process for granted. */
#ifndef EBUILD_AUDIT_REMOTE_H
#define EBUILD_AUDIT_REMOTE_H

#include "base/paths.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Reads `length` bytes at `address` of `tid`; returns how many could be read before the first unreadable page, or -errno. It is -EFAULT
 * when the kernel cannot read there either, and -EPERM when it perhaps can.
 */
ssize_t remote_read(pid_t tid, uint64_t address, void *out, size_t length);
/* Reads a NUL-terminated string; returns its length, or -EFAULT, -ENAMETOOLONG, -EPERM, -ESRCH. `out` is terminated. */
ssize_t remote_string(pid_t tid, uint64_t address, char *out, size_t size);
/*
 * Makes `path` absolute with the folder that `folder` (a descriptor of `tid`, or AT_FDCWD) names now.
 * Returns the length, -ENOENT when the kernel would refuse the call or the descriptor is no folder, or -EPERM when the folder's own path
 * cannot be read.
 */
ssize_t remote_absolute(pid_t tid, int folder, const char *path, char out[ABSOLUTE_BYTES]);

#endif
