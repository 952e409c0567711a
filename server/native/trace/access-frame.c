/* Tells of a call that names paths of files. A look-up is told with what the view held there, a change as it was asked for. */
#include "trace/access-frame.h"

#include "trace/arguments.h"
#include "trace/remote.h"
#include "trace/told.h"

#include <fcntl.h>
#include <linux/seccomp.h>

/* O_WRONLY and O_RDWR, O_CREAT, O_TRUNC: the same numbers on all four architectures. */
#define WRITE_FLAGS (03 | 0100 | 01000)

static bool is_look_up(enum operation operation)
{
	return operation <= OP_READLINK || operation == OP_READDIR || operation == OP_CHDIR;
}

/* Builds the frame of an access to the call's first path, for the caller to commit. Returns false when there is none. */
static bool build_access(struct tracer *t, enum operation operation, bool follow)
{
	ssize_t n = call_path(t, t->call->folder, t->call->path, t->absolute);
	if (n < 0)
		return false;
	enum result result = RESULT_UNKNOWN;
	hops_clear(&t->hops);
	if (is_look_up(operation)) {
		if (is_told(t, (uint32_t)operation << 1 | follow, t->absolute, (size_t)n))
			return false;
		result = places_look(&t->places, t->absolute, follow, &t->hops);
		if (t->hops.cut)
			tell_gap(t, "a path led through more links than the trace can tell");
		/* Whoever opens a folder for reading can only list it. */
		if (operation == OP_OPEN && result == RESULT_FOLDER)
			operation = OP_READDIR;
	}
	stream_begin(t->stream, FRAME_ACCESS);
	stream_u32(t->stream, t->caller.serial);
	stream_u8(t->stream, (uint8_t)operation);
	stream_u8(t->stream, (uint8_t)result);
	put_named(t->stream, t->absolute, (size_t)n, &t->hops);
	return true;
}

/* Puts both paths of rename and link into one frame. When one cannot be read the kernel will refuse the call. */
static bool build_two_paths(struct tracer *t)
{
	ssize_t to = call_path(t, t->call->folder2, t->call->path2, t->other);
	bool is_built = to >= 0 && build_access(t, t->call->operation, false);
	if (is_built)
		stream_path(t->stream, t->other, (size_t)to);
	return is_built;
}

static bool build_symlink(struct tracer *t)
{
	ssize_t n = remote_string(caller_tid(t), call_argument(t, t->call->path2), t->other, PATH_BYTES);
	bool is_built = n > 0 && build_access(t, t->call->operation, false);
	if (is_built)
		stream_path(t->stream, t->other, (size_t)n);
	return is_built;
}

/* O_DIRECTORY, O_NOFOLLOW and O_PATH are numbered by the caller's architecture. */
static bool build_open(struct tracer *t)
{
#if defined(__aarch64__) || defined(__arm__)
	enum { IS_FOLDER = 040000, NO_FOLLOW = 0100000 };
#else
	enum { IS_FOLDER = 0200000, NO_FOLLOW = 0400000 };
#endif
	enum { HANDLE_ONLY = 010000000 };
	uint64_t flags = call_argument(t, t->call->flags);
	if (t->call->kind == CALL_OPENAT2) {
		uint64_t how;
		flags = remote_read(caller_tid(t), flags, &how, sizeof how) == sizeof how ? how : 0;
	}
	enum operation operation = flags & HANDLE_ONLY  ? OP_STAT
	                           : flags & WRITE_FLAGS ? OP_WRITE
	                           : flags & IS_FOLDER   ? OP_READDIR
	                                                 : OP_OPEN;
	return build_access(t, operation, !(flags & NO_FOLLOW));
}

/* Whether a link at the end of the path counts as what it leads to (AT_SYMLINK_NOFOLLOW, for those calls that have flags). */
static bool follows(const struct tracer *t)
{
	if (t->call->kind == CALL_LINK || t->call->operation > OP_READLINK)
		return t->call->operation == OP_CHDIR;
	return t->call->flags < 0 || !(t->request->data.args[t->call->flags] & AT_SYMLINK_NOFOLLOW);
}

bool begin_access(struct tracer *t)
{
	switch (t->call->kind) {
	case CALL_OPEN:
	case CALL_OPENAT2:
		return build_open(t);
	case CALL_TWO_PATHS:
		return build_two_paths(t);
	case CALL_SYMLINK:
		return build_symlink(t);
	default:
		return build_access(t, t->call->operation, follows(t));
	}
}
