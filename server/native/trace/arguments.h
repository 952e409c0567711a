/* The arguments of the call in hand. */
#ifndef EBUILD_AUDIT_ARGUMENTS_H
#define EBUILD_AUDIT_ARGUMENTS_H

#include "trace/tracer.h"

pid_t caller_tid(const struct tracer *t);
/* The argument at `position`, of the width that the caller's pointers have. */
uint64_t call_argument(const struct tracer *t, int position);
/* The argument at `position`, which is a descriptor; AT_FDCWD for NO_ARGUMENT. */
int call_folder(const struct tracer *t, int position);
/* The string at `address` in the caller's memory, see remote_string. What only the kernel can read is told as a gap. */
ssize_t caller_string(struct tracer *t, uint64_t address, char *out, size_t size);
/* All of `size` bytes there; false when they cannot be read, for which a gap is told as well. */
bool caller_bytes(struct tracer *t, uint64_t address, void *out, size_t size);
/* Makes a path of the caller absolute, see remote_absolute; -1 when it cannot, with a gap when only the kernel can. */
ssize_t caller_absolute(struct tracer *t, int folder, const char *path, char out[ABSOLUTE_BYTES]);
/*
 * Reads the path at the argument `path` and makes it absolute with the folder at the argument `folder`. Returns its length, or -1 when
 * the kernel will refuse the call or the call names no path.
 */
ssize_t call_path(struct tracer *t, int folder, int path, char out[ABSOLUTE_BYTES]);

#endif
