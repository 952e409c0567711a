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

ssize_t call_path(struct tracer *t, int folder, int path, char out[ABSOLUTE_BYTES])
{
	int descriptor = call_folder(t, folder);
	ssize_t n = remote_string(caller_tid(t), call_argument(t, path), t->path, sizeof t->path);
	if (n == -EPERM)
		tell_gap(t, "the memory of a process could not be read");
	if (n < 0 || (n == 0 && descriptor == AT_FDCWD))
		return -1;
	return remote_absolute(caller_tid(t), descriptor, t->path, out);
}
