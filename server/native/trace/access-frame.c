/* Tells of a call that names paths of files. A look-up is told with what the view held there, a change as it was asked for. */
#include "trace/access-frame.h"

#include "trace/arguments.h"
#include "trace/told.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <string.h>

/* O_WRONLY and O_RDWR, O_TRUNC, O_CREAT: the same numbers on all four architectures. */
#define WRITE_FLAGS (03 | 01000)
#define CREATE_FLAG 0100

/* What a call asks for, and whether a link at the end of its path counts as what it leads to. */
struct asked {
	enum operation operation;
	bool follow;
	/* An open that makes the file if there is none. */
	bool makes;
	/* RESOLVE_IN_ROOT: the folder of the call is the root of the path. */
	bool in_root;
};

static bool is_look_up(enum operation operation)
{
	return operation <= OP_READLINK || operation == OP_READDIR || operation == OP_CHDIR;
}

/* A path that is looked up from a folder as if that were the root (openat2(2)). */
static ssize_t path_in_root(struct tracer *t, size_t *root)
{
	ssize_t n = caller_string(t, call_argument(t, t->call->path), t->path, sizeof t->path);
	ssize_t folder = n <= 0 ? -1 : caller_absolute(t, call_folder(t, t->call->folder), "", t->absolute);
	if (folder < 0)
		return -1;
	*root = folder == 1 ? 0 : (size_t)folder;
	t->absolute[*root] = '/';
	memcpy(t->absolute + *root + 1, t->path, (size_t)n + 1);
	return (ssize_t)*root + 1 + n;
}

/* Looks at the path of the call and says what could not be followed. `root` is the length of the folder that is its root. */
static enum result look(struct tracer *t, size_t root, bool follow)
{
	enum result result = places_look_within(&t->places, t->absolute, root, follow, &t->hops);
	if (t->hops.cut)
		tell_gap(t, "a path led through more links than the trace can tell");
	if (t->places.is_lost)
		tell_gap(t, "a link below /proc could not be followed");
	return result;
}

/* Tells look-ups of one kind apart from others. A path that a new link can lead elsewhere is told anew after one was made. */
static uint32_t look_up_key(const struct tracer *t, struct asked asked)
{
	uint32_t what = (uint32_t)asked.operation << 2 | (uint32_t)asked.in_root << 1 | asked.follow;
	return places_can_change(&t->places, t->absolute) ? t->links_made << 8 ^ what : what;
}

/* Begins the frame of an access of the caller's to a path, which became t->hops by links. */
static void begin_frame(struct tracer *t, enum operation operation, enum result result, const char *path, size_t length)
{
	stream_begin(t->stream, FRAME_ACCESS);
	stream_u32(t->stream, t->caller.serial);
	stream_u8(t->stream, (uint8_t)operation);
	stream_u8(t->stream, (uint8_t)result);
	put_named(t->stream, path, length, &t->hops);
}

/* Builds the frame of an access to t->absolute, whose first `root` bytes are its root. Returns false when there is nothing to tell. */
static bool build_frame(struct tracer *t, struct asked asked, size_t root, size_t length)
{
	enum operation operation = asked.operation;
	uint32_t key = look_up_key(t, asked);
	bool is_kept = is_look_up(operation) && !asked.makes;
	if (is_kept && is_told(t, key, t->absolute, length))
		return false;
	enum result result = look(t, root, asked.follow);
	/* A path through /proc leads elsewhere with every new descriptor. It is told again unless it leads where it has led before. */
	if (is_kept && t->places.is_passing) {
		untell(t, key, t->absolute, length);
		if (is_told(t, 0x80 ^ key, t->hops.bytes, t->hops.used))
			return false;
	}
	if (asked.makes && result == RESULT_MISSING)
		operation = OP_WRITE;
	/* Whoever opens a folder for reading can only list it. */
	else if (operation == OP_OPEN && result == RESULT_FOLDER)
		operation = OP_READDIR;
	if (!is_look_up(operation))
		result = RESULT_UNKNOWN;
	begin_frame(t, operation, result, t->absolute, length);
	return true;
}

/* Builds the frame of an access to the call's first path, for the caller to commit. Returns false when there is none. */
static bool build_access(struct tracer *t, struct asked asked)
{
	size_t root = 0;
	enum operation operation = asked.operation;
	ssize_t n = asked.in_root ? path_in_root(t, &root) : call_path(t, t->call->folder, t->call->path, t->absolute);
	/* With an empty path the descriptor itself is meant, whose file was named before. */
	if (n < 0 || (t->path[0] == '\0' && operation != OP_LINK && operation != OP_OPEN))
		return false;
	return build_frame(t, asked, root, (size_t)n);
}

void tell_look_up(struct tracer *t, const char *path)
{
	size_t length = strlen(path);
	memcpy(t->absolute, path, length + 1);
	if (build_frame(t, (struct asked){.operation = OP_STAT, .follow = true}, 0, length))
		stream_commit(t->stream);
}

void tell_plain_look_up(struct tracer *t, const char *path, size_t length, enum operation operation, enum result result)
{
	/* It hides no look-up that was seen: that may come after a link was made, of which this one knows nothing. */
	enum { REPORTED = 1 << 30 };
	if (is_told(t, REPORTED | (uint32_t)operation, path, length))
		return;
	hops_clear(&t->hops);
	begin_frame(t, operation, result, path, length);
	stream_commit(t->stream);
}

/* Whether a link at the end of the path counts as what it leads to, which the flags of some calls change. */
static bool follows(const struct tracer *t)
{
	const struct call *call = t->call;
	uint64_t flags = call->flags < 0 || call->operation == OP_READLINK ? 0 : t->request->data.args[call->flags];
	switch (call->operation) {
	case OP_READLINK:
	case OP_RENAME:
	case OP_SYMLINK:
	case OP_UNLINK:
	case OP_MKDIR:
		return false;
	case OP_LINK:
		return flags & AT_SYMLINK_FOLLOW;
	default:
		return call->kind == CALL_LINK ? flags & AT_SYMLINK_FOLLOW : !(flags & AT_SYMLINK_NOFOLLOW);
	}
}

/* Puts both paths of rename and link into one frame. When one cannot be read the kernel will refuse the call. */
static bool build_two_paths(struct tracer *t)
{
	ssize_t to = call_path(t, t->call->folder2, t->call->path2, t->other);
	bool is_built = to >= 0 && build_access(t, (struct asked){.operation = t->call->operation, .follow = follows(t)});
	if (is_built)
		stream_path(t->stream, t->other, (size_t)to);
	return is_built;
}

static bool build_symlink(struct tracer *t)
{
	ssize_t n = caller_string(t, call_argument(t, t->call->path2), t->other, PATH_BYTES);
	bool is_built = n > 0 && build_access(t, (struct asked){.operation = t->call->operation});
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
	struct open_how how = {.flags = call_argument(t, t->call->flags)};
	if (t->call->kind == CALL_OPENAT2 && !caller_bytes(t, how.flags, &how, sizeof how))
		return false;
	uint64_t flags = how.flags;
	enum operation operation = flags & HANDLE_ONLY  ? OP_STAT
	                           : flags & WRITE_FLAGS ? OP_WRITE
	                           : flags & IS_FOLDER   ? OP_READDIR
	                                                 : OP_OPEN;
	/* O_CREAT alone reads a file that exists, also in a read-only folder. */
	return build_access(t, (struct asked){.operation = operation, .follow = !(flags & NO_FOLLOW),
	                                      .makes = (flags & CREATE_FLAG) && operation == OP_OPEN,
	                                      .in_root = how.resolve & RESOLVE_IN_ROOT});
}

bool begin_access(struct tracer *t)
{
	/* From now on a path may lead elsewhere than it did. */
	if (t->call->kind == CALL_TWO_PATHS || t->call->kind == CALL_SYMLINK)
		t->links_made++;
	switch (t->call->kind) {
	case CALL_OPEN:
	case CALL_OPENAT2:
		return build_open(t);
	case CALL_TWO_PATHS:
		return build_two_paths(t);
	case CALL_SYMLINK:
		return build_symlink(t);
	default:
		return build_access(t, (struct asked){.operation = t->call->operation, .follow = follows(t)});
	}
}
