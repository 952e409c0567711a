/* Reads the arguments of the call in hand, also where they lie in the caller's memory. All kinds of frames need them. */
#include "trace/arguments.h"

#include "trace/remote.h"
#include "trace/told.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>

pid_t caller_tid(const struct tracer *t)
{
	return (pid_t)t->request->pid;
}

uint64_t call_argument(const struct tracer *t, int position)
{
	uint64_t value = t->request->data.args[position];
	return t->narrow ? (uint32_t)value : value;
}

int call_folder(const struct tracer *t, int position)
{
	return position < 0 ? AT_FDCWD : (int)(uint32_t)t->request->data.args[position];
}

static void tell_unreadable(struct tracer *t)
{
	tell_gap(t, "the memory of a process could not be read");
}

ssize_t caller_string(struct tracer *t, uint64_t address, char *out, size_t size)
{
	ssize_t n = remote_string(caller_tid(t), address, out, size);
	if (n == -EPERM)
		tell_unreadable(t);
	return n;
}

bool caller_bytes(struct tracer *t, uint64_t address, void *out, size_t size)
{
	ssize_t n = remote_read(caller_tid(t), address, out, size);
	/* What is cut short is asked for again from there, to learn why. */
	if (n >= 0 && (size_t)n < size)
		n = remote_read(caller_tid(t), address + (uint64_t)n, out, size - (size_t)n) == -EPERM ? -EPERM : -EFAULT;
	if (n == -EPERM)
		tell_unreadable(t);
	return n == (ssize_t)size;
}

ssize_t caller_absolute(struct tracer *t, int folder, const char *path, char out[ABSOLUTE_BYTES])
{
	ssize_t n = remote_absolute(caller_tid(t), folder, path, out);
	if (n == -EPERM)
		tell_gap(t, "the path of a process's folder could not be read: it may be too long");
	return n < 0 ? -1 : n;
}

ssize_t call_path(struct tracer *t, int folder, int path, char out[ABSOLUTE_BYTES])
{
	int descriptor = call_folder(t, folder);
	ssize_t n = caller_string(t, call_argument(t, path), t->path, sizeof t->path);
	if (n < 0 || (n == 0 && descriptor == AT_FDCWD))
		return -1;
	return caller_absolute(t, descriptor, t->path, out);
}
