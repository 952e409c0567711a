/* The frame of a call that names a path, or two. */
#include "trace.h"

#include <linux/seccomp.h>

/* O_WRONLY and O_RDWR, O_CREAT, O_TRUNC: the same numbers on all four architectures. */
#define WRITE_FLAGS (03 | 0100 | 01000)

static int folder_argument(const struct tracer *t, int position)
{
	return position < 0 ? AT_FDCWD : (int)(uint32_t)t->request->data.args[position];
}

static bool is_look_up(enum operation operation)
{
	return operation <= OP_READLINK || operation == OP_READDIR || operation == OP_CHDIR;
}

/* Builds the frame of an access to one path; the caller commits it. False when there is none. */
static bool build_access(struct tracer *t, const struct process *p, enum operation operation, bool follow, int folder,
                         uint64_t address)
{
	ssize_t n = tracer_path(t, p, folder, address, t->absolute);
	if (n < 0)
		return false;
	enum result result = RESULT_UNKNOWN;
	t->hops.count = t->hops.used = 0;
	if (is_look_up(operation)) {
		if (tracer_repeated(t, p, (uint32_t)operation << 1 | follow, t->absolute, (size_t)n))
			return false;
		result = places_look(&t->places, t->absolute, follow, &t->hops);
		if (t->hops.cut)
			tracer_gap(t, p, "a path led through more links than the trace can tell");
		/* Whoever opens a folder for reading can only list it. */
		if (operation == OP_OPEN && result == RESULT_FOLDER)
			operation = OP_READDIR;
	}
	stream_begin(t->stream, FRAME_ACCESS);
	stream_u32(t->stream, p->serial);
	stream_u8(t->stream, (uint8_t)operation);
	stream_u8(t->stream, (uint8_t)result);
	tracer_put_path(t, t->absolute, (size_t)n);
	return true;
}

/* rename and link: both paths in one frame. When one cannot be read the kernel will refuse the call. */
static bool build_two_paths(struct tracer *t, const struct process *p, const struct call *call, bool narrow)
{
	ssize_t to = tracer_path(t, p, folder_argument(t, call->folder2), tracer_argument(t, call->path2, narrow), t->other);
	bool is_built = to >= 0 && build_access(t, p, call->operation, false, folder_argument(t, call->folder),
	                                        tracer_argument(t, call->path, narrow));
	if (is_built)
		stream_path(t->stream, t->other, (size_t)to);
	return is_built;
}

static bool build_symlink(struct tracer *t, const struct process *p, const struct call *call, bool narrow)
{
	ssize_t n = remote_string((pid_t)t->request->pid, tracer_argument(t, call->path2, narrow), t->other, PATH_BYTES);
	bool is_built = n > 0 && build_access(t, p, call->operation, false, folder_argument(t, call->folder),
	                                      tracer_argument(t, call->path, narrow));
	if (is_built)
		stream_path(t->stream, t->other, (size_t)n);
	return is_built;
}

/* O_DIRECTORY, O_NOFOLLOW and O_PATH are numbered by the caller's architecture. */
static bool build_open(struct tracer *t, const struct process *p, const struct call *call, bool narrow)
{
#if defined(__aarch64__) || defined(__arm__)
	enum { IS_FOLDER = 040000, NO_FOLLOW = 0100000 };
#else
	enum { IS_FOLDER = 0200000, NO_FOLLOW = 0400000 };
#endif
	enum { HANDLE_ONLY = 010000000 };
	uint64_t flags = tracer_argument(t, call->flags, narrow);
	if (call->kind == CALL_OPENAT2) {
		uint64_t how;
		flags = remote_read((pid_t)t->request->pid, flags, &how, sizeof how) == sizeof how ? how : 0;
	}
	enum operation operation = flags & HANDLE_ONLY  ? OP_STAT
	                           : flags & WRITE_FLAGS ? OP_WRITE
	                           : flags & IS_FOLDER   ? OP_READDIR
	                                                 : OP_OPEN;
	return build_access(t, p, operation, !(flags & NO_FOLLOW), folder_argument(t, call->folder),
	                    tracer_argument(t, call->path, narrow));
}

/* Whether a link at the end of the path counts as what it leads to (AT_SYMLINK_NOFOLLOW, for those calls that have flags). */
static bool follows(const struct tracer *t, const struct call *call)
{
	if (call->kind == CALL_LINK || call->operation > OP_READLINK)
		return call->operation == OP_CHDIR;
	return call->flags < 0 || !(t->request->data.args[call->flags] & AT_SYMLINK_NOFOLLOW);
}

bool trace_access(struct tracer *t, const struct process *p, const struct call *call, bool narrow)
{
	switch (call->kind) {
	case CALL_OPEN:
	case CALL_OPENAT2:
		return build_open(t, p, call, narrow);
	case CALL_TWO_PATHS:
		return build_two_paths(t, p, call, narrow);
	case CALL_SYMLINK:
		return build_symlink(t, p, call, narrow);
	default:
		return build_access(t, p, call->operation, follows(t, call), folder_argument(t, call->folder),
		                    tracer_argument(t, call->path, narrow));
	}
}
