/* Declarations shared by the parts of ebuild-audit-native. The order is that of a run: view, filter, stage, trace. */
#ifndef EBUILD_AUDIT_NATIVE_H
#define EBUILD_AUDIT_NATIVE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The longest path the kernel takes, with its terminating NUL (linux/limits.h). */
#define PATH_BYTES 4096
/* A folder, a slash and a path: what an absolute path can grow to in the trace. */
#define ABSOLUTE_BYTES (2 * PATH_BYTES + 1)

/* ---- stream.c: the event stream of docs/trace-format.md ---- */

enum frame {
	FRAME_PROCESS = 1,
	FRAME_EXEC = 2,
	FRAME_ACCESS = 3,
	FRAME_GAP = 4,
	FRAME_END = 5,
	FRAME_FAILURE = 6,
	FRAME_READY = 7,
	FRAME_EXCEEDED = 8,
	FRAME_EXITED = 9,
	FRAME_CONNECT = 10,
};

/* The numbers of docs/trace-format.md. */
enum operation {
	OP_OPEN = 1,
	OP_STAT,
	OP_ACCESS,
	OP_READLINK,
	OP_WRITE,
	OP_RENAME,
	OP_LINK,
	OP_UNLINK,
	OP_MKDIR,
	OP_SYMLINK,
	OP_READDIR,
	OP_CHDIR,
	OP_ATTRIBUTES,
};

/* A path is sent once and then named by its slot, as long as no other path has taken that. */
#define PATH_SLOTS 16384
#define SLOT_BYTES 180

struct path_slot {
	uint16_t length;
	char path[SLOT_BYTES];
};

/*
 * A buffer of frames on their way to `fd`. One frame at a time is open between stream_begin and stream_commit; the thread that
 * began it holds the stream until then.
 */
struct stream {
	int fd;
	/* Asked while a write would block; true means that nobody wants the rest. */
	bool (*abandoned)(void);
	bool broken;
	size_t used, start;
	pthread_mutex_t lock;
	/* Slots that the open frame has filled: a rollback empties them again. */
	size_t filled_count;
	uint16_t filled[128];
	struct path_slot *slots;
	uint8_t bytes[1 << 18];
};

/* Returns false when there is no memory for the slots. */
bool stream_open(struct stream *s, int fd, bool (*abandoned)(void));
void stream_begin(struct stream *s, enum frame type);
void stream_u8(struct stream *s, uint8_t value);
void stream_u16(struct stream *s, uint16_t value);
void stream_u32(struct stream *s, uint32_t value);
void stream_text(struct stream *s, const char *bytes, size_t length);
void stream_path(struct stream *s, const char *bytes, size_t length);
void stream_commit(struct stream *s);
void stream_rollback(struct stream *s);
bool stream_pending(const struct stream *s);
/* Writes what is committed. When another thread holds the stream it does nothing: whoever fills it also empties it. */
bool stream_flush(struct stream *s);
void stream_failure(struct stream *s, const char *step, int error, const char *detail);

/* ---- plan.c: what `run` is told to show, sent by the Node side ---- */

struct plan {
	char *bytes;
	size_t length;
};

/* Reads the NUL-separated plan up to its end record. Returns false at end of file or on an error (errno is set). */
bool plan_read(struct plan *plan, int fd);
/* The next string of the plan from *offset on, or NULL at the end record. */
const char *plan_next(const struct plan *plan, size_t *offset);
void plan_free(struct plan *plan);

/* ---- view.c: the mounts of the staging folder ---- */

/* Where a step failed; `step` is one of the words of docs/trace-format.md. */
struct failure {
	const char *step;
	int error;
	char detail[PATH_BYTES];
};

bool fail(struct failure *failure, const char *step, int error, const char *detail);
/*
 * Mounts everything that `plan` asks for below `staging`. `owner` is the user and group that the sandbox will run as, in
 * the numbers of the current user namespace; `in_user_namespace` says that the mounts are an ordinary user's.
 */
bool view_mount(const struct plan *plan, const char *staging, const char *size, uid_t owner, gid_t group,
                bool in_user_namespace, bool (*cancelled)(void), struct failure *failure);
/* Whether `path` is relative, not empty, and free of empty, `.` and `..` components. */
bool is_inner_path(const char *path);

/* ---- fence.c: what every sandbox refuses, traced or not ---- */

struct sock_filter;
#define FENCE_LIMIT 96
/* Writes the BPF program into `out` (FENCE_LIMIT entries); returns its length. */
size_t build_fence(struct sock_filter *out);
/* Puts the fence around the calling thread and its children, for ever; false with errno. */
bool install_fence(void);

/* ---- filter.c ---- */

/*
 * Installs the filter on the calling thread and returns the listener, or -1 with errno. A sendmsg with the secret `pass` in the
 * upper half of its flags is let through: it is how the listener itself leaves the sandbox.
 */
int install_filter(uint32_t pass);

/* ---- remote.c ---- */

struct process_stat {
	pid_t parent;
	uint64_t start;
	bool thread;
};
/* Parses /proc/PID/stat (proc_pid_stat(5)). */
bool parse_stat(const char *text, struct process_stat *out);

/* ---- trace.c; what only its parts need stands in trace.h ---- */

struct tracer;
struct tracer *tracer_open(struct stream *stream);
/* Takes over the listener that the stage has sent: from now on a thread of its own answers it. Returns false with errno. */
bool tracer_listen(struct tracer *tracer, int listener);
/* Ends that thread. Nothing is told after this. */
void tracer_close(struct tracer *tracer);

/* ---- run.c and stage.c: the two subcommands ---- */

int run_main(int argc, char **argv);
int stage_main(int argc, char **argv);
/* The command of the self-test, see view-prove.c. */
int prove_main(int argc, char **argv);
/* Parses "UID:GID". */
bool parse_identity(const char *text, uid_t *uid, gid_t *gid);

#endif
