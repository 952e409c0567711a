/* Declarations shared by the parts of ebuild-audit-native. The order is that of a run: view, filter, stage, trace. */
#ifndef EBUILD_AUDIT_NATIVE_H
#define EBUILD_AUDIT_NATIVE_H

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
};

enum operation { OP_OPEN = 1, OP_STAT, OP_ACCESS, OP_READLINK, OP_WRITE, OP_RENAME, OP_LINK, OP_UNLINK, OP_MKDIR };

/* A buffer of frames on their way to `fd`. One frame at a time is open between stream_begin and stream_commit. */
struct stream {
	int fd;
	/* Asked while a write would block; true means that nobody wants the rest. */
	bool (*abandoned)(void);
	bool broken;
	size_t used, start;
	uint8_t bytes[1 << 17];
};

void stream_open(struct stream *s, int fd, bool (*abandoned)(void));
void stream_begin(struct stream *s, enum frame type);
void stream_u8(struct stream *s, uint8_t value);
void stream_u16(struct stream *s, uint16_t value);
void stream_u32(struct stream *s, uint32_t value);
void stream_text(struct stream *s, const char *bytes, size_t length);
void stream_commit(struct stream *s);
void stream_rollback(struct stream *s);
bool stream_pending(const struct stream *s);
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

/* ---- calls.c: the system calls that are traced, per architecture ---- */

enum call_kind {
	CALL_OPEN,      /* flags decide between open and write */
	CALL_OPENAT2,   /* flags are in a struct open_how */
	CALL_PATH,      /* one path, operation as given */
	CALL_TWO_PATHS, /* two paths, operation as given */
	CALL_EXEC,
	CALL_EXIT,
	CALL_EXIT_GROUP,
	CALL_IO_URING,
	CALL_LISTENER, /* seccomp(2) asking for a second listener */
	CALL_NEW_ROOT, /* chroot, pivot_root, unshare(CLONE_NEWNS) */
};

enum { NO_ARGUMENT = -1 };

struct call {
	const char *name;
	/* Numbers per architecture, -1 where it does not exist. */
	int16_t x86_64, i386, aarch64, arm;
	uint8_t kind, operation;
	/* Positions of the arguments. */
	int8_t folder, path, folder2, path2, flags;
};

extern const struct call calls[];
extern const size_t call_count;

/* The call with this number under this audit architecture (x32 has bit 30 set), or NULL. `narrow` tells 4-byte pointers. */
const struct call *find_call(uint32_t arch, int number, bool *narrow);
/* The number of `call` under `arch`, or -1. x32 numbers carry bit 30. */
int call_number(const struct call *call, uint32_t arch, bool x32);

/* ---- filter.c ---- */

struct sock_filter;
#define FILTER_LIMIT 1024
/* Writes the BPF program into `out` (FILTER_LIMIT entries); returns its length. */
size_t build_filter(struct sock_filter *out);
/* Installs the filter on the calling thread and returns the listener, or -1 with errno. */
int install_filter(void);

/* ---- remote.c: reading from a traced process; every function takes a hostile process for granted ---- */

/* Reads `length` bytes at `address` of `tid`; returns how many could be read before the first unreadable page, or -errno. */
ssize_t remote_read(pid_t tid, uint64_t address, void *out, size_t length);
/* Reads a NUL-terminated string; returns its length, or -EFAULT, -ENAMETOOLONG, -EPERM, -ESRCH. `out` is terminated. */
ssize_t remote_string(pid_t tid, uint64_t address, char *out, size_t size);
/*
 * Makes `path` absolute with the folder that `folder` (a descriptor of `tid`, or AT_FDCWD) names now.
 * Returns the length, or -1 when the kernel would refuse the call or the descriptor is no folder.
 */
ssize_t remote_absolute(pid_t tid, int folder, const char *path, char out[ABSOLUTE_BYTES]);
/* The interpreter named by a `#!` line in `head`, or 0. Follows fs/binfmt_script.c. */
size_t parse_interpreter(const char *head, size_t length, char *out, size_t size);

struct process_stat {
	pid_t parent;
	uint64_t start;
	bool thread;
};
/* Parses /proc/PID/stat (proc_pid_stat(5)). */
bool parse_stat(const char *text, struct process_stat *out);

/* ---- process.c: serials for processes, across threads and reused pids ---- */

struct process {
	pid_t tid, leader;
	uint32_t serial, image;
	uint64_t start;
	int64_t seen;
	bool leaving;
};

/* What the table asks of the world; tests pass their own. */
struct process_source {
	bool (*stat)(pid_t tid, struct process_stat *out);
	/* The thread group of a thread, or -1. */
	pid_t (*leader)(pid_t tid);
	/* Fills `out` with the children of every thread of `leader`; returns how many. */
	size_t (*children)(pid_t leader, pid_t *out, size_t limit);
	void (*announce)(uint32_t serial, uint32_t parent, pid_t pid);
	void (*orphan)(uint32_t serial);
};

struct processes {
	const struct process_source *source;
	struct process *slots;
	size_t capacity, used;
	uint32_t last_serial, last_image;
	/* The parent of the first process: outside the trace, and the adopter of orphans. */
	pid_t outside;
};

extern const struct process_source proc_source;
bool processes_open(struct processes *table, const struct process_source *source);
void processes_close(struct processes *table);
/* The entry of the thread, registered with all its ancestors when new. NULL when it has died. Valid until the next call. */
struct process *processes_find(struct processes *table, pid_t tid, int64_t now);
/* The process will leave: its children learn who their parent was while it is still known. */
void processes_leave(struct processes *table, pid_t leader, uint32_t serial, int64_t now);
/* The process starts a new program. */
void processes_exec(struct processes *table, pid_t tid, pid_t leader);

/* ---- trace.c ---- */

struct tracer;
struct tracer *tracer_open(struct stream *stream);
/* Takes over the listener that the stage has sent. */
void tracer_listen(struct tracer *tracer, int listener);
/* Answers one notification. Returns false when the listener is no longer of use. */
bool tracer_answer(struct tracer *tracer);
void tracer_close(struct tracer *tracer);

/* ---- run.c and stage.c: the two subcommands ---- */

int run_main(int argc, char **argv);
int stage_main(int argc, char **argv);
/* Parses "UID:GID". */
bool parse_identity(const char *text, uid_t *uid, gid_t *gid);

/* What the stage tells the supervisor over their socket. */
struct stage_message {
	char kind; /* 'L' listener attached, 'R' ready without trace, 'E' step failed */
	char step[31];
	int32_t error;
};

#endif
