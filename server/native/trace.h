/* What the parts of the tracer share, in the order of a call: table of calls, filter, reading, places, processes, frames. */
#ifndef EBUILD_AUDIT_TRACE_H
#define EBUILD_AUDIT_TRACE_H

#include "native.h"

#include <fcntl.h>

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

/* ---- calls.c: the system calls that are traced, per architecture ---- */

enum call_kind {
	CALL_OPEN,      /* flags decide between open, readdir and write */
	CALL_OPENAT2,   /* flags are in a struct open_how */
	CALL_PATH,      /* one path, operation as given */
	CALL_LINK,      /* the same, and a link at its end is not followed */
	CALL_TWO_PATHS, /* two paths, operation as given */
	CALL_SYMLINK,   /* `path` is the link's, `path2` its text */
	CALL_EXEC,
	CALL_EXIT,
	CALL_EXIT_GROUP,
	CALL_IO_URING,
	CALL_LISTENER,   /* seccomp(2) asking for a second listener */
	CALL_NEW_ROOT,   /* chroot, pivot_root, the calls that mount, unshare(CLONE_NEWNS) */
	CALL_CONNECT,    /* `path` is the address, `path2` its length */
	CALL_SENDTO,     /* the same */
	CALL_SENDMSG,    /* `path` is a struct msghdr */
	CALL_SENDMMSG,   /* `path` is an array of them, `path2` how many */
	CALL_SOCKETCALL, /* i386: one of the four above, arguments in memory */
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
/* Which socketcall(2) numbers name an address: connect, sendto, sendmsg, sendmmsg (linux/net.h). */
enum { SOCKETCALL_CONNECT = 3, SOCKETCALL_SENDTO = 11, SOCKETCALL_SENDMSG = 16, SOCKETCALL_SENDMMSG = 20 };

/* ---- filter.c ---- */

struct sock_filter;
#define FILTER_LIMIT 2048
/* Writes the BPF program into `out` (FILTER_LIMIT entries); returns its length. */
size_t build_filter(struct sock_filter *out, uint32_t pass);

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

/* ---- interpreter.c: what the kernel opens in order to run a program ---- */

/* The interpreter named by a `#!` line in `head`, or 0. Follows fs/binfmt_script.c. */
size_t parse_interpreter(const char *head, size_t length, char *out, size_t size);
/*
 * Where the name of the ELF interpreter (PT_INTERP of elf(5)) lies in the file that begins with `head`: true with its
 * offset and its length without the NUL.
 */
bool parse_loader(const char *head, size_t length, uint64_t *offset, size_t *size);

/* ---- places.c: what a path leads to in the view ---- */

/* What the view holds under a path: nothing known (only /proc, which shows everyone something else), nothing, a file, a folder. */
enum result { RESULT_UNKNOWN, RESULT_MISSING, RESULT_FILE, RESULT_FOLDER };

#define MOST_FIXED 64
#define MOST_HOPS 8
#define HOP_BYTES 8192
#define ANSWERS 8192
#define ANSWER_PATH 180

/* What a path became by following links, first to last, each text with a NUL. */
struct hops {
	size_t count, used;
	bool cut;
	char bytes[HOP_BYTES];
};

/* A path and what was found, for ever: nothing in a fixed place changes during a run. */
struct answer {
	uint8_t result[2];
	uint8_t length;
	char path[ANSWER_PATH];
};

struct places {
	/* The root of the sandbox, -1 before places_open. */
	int root;
	/* Read-only mounts, and the links at the top that lead into them. */
	struct fixed_place {
		int folder;
		size_t length;
		char *path;
	} fixed[MOST_FIXED];
	size_t count;
	struct answer *answers;
};

/* Reads the mounts of the sandbox as its first process sees them. False with errno when the process is gone or memory is short. */
bool places_open(struct places *places, pid_t first);
void places_close(struct places *places);
/*
 * What the view holds at an absolute path. `follow` tells whether a link at its end counts as what it leads to. `hops` takes
 * what the path became by links outside of the fixed places; links within those never change and are left to the reader.
 */
enum result places_look(struct places *places, const char *path, bool follow, struct hops *hops);
/* Opens an absolute path of the view with O_PATH, links followed; -1 with errno. */
int places_handle(const struct places *places, const char *path);

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
	/* Whether the caller still waits in its call, so that what was read under its id was its own. */
	bool (*waiting)(void);
	void (*announce)(uint32_t serial, uint32_t parent, pid_t pid);
	void (*orphan)(uint32_t serial);
	/* No event of this process follows. */
	void (*ended)(uint32_t serial);
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

/* ---- trace.c and its parts ---- */

/* Look-ups that have been told, by a part of their hash: a process asks for the same few paths again and again. */
#define REMEMBERED 16384

struct seccomp_notif;
struct seccomp_notif_resp;

struct tracer {
	struct stream *stream;
	struct processes processes;
	struct process_source source;
	struct places places;
	/* That the places could not be read has been told; the next call tries again. */
	bool is_blind;
	int listener;
	struct seccomp_notif *request;
	struct seccomp_notif_resp *response;
	size_t request_size, response_size;
	uint64_t seed, remembered[REMEMBERED];
	struct hops hops;
	char path[PATH_BYTES], absolute[ABSOLUTE_BYTES], other[ABSOLUTE_BYTES];
};

/* Argument `position` of the call in `request`, of the width that the caller's pointers have. */
uint64_t tracer_argument(const struct tracer *t, int position, bool narrow);
/*
 * Reads a path argument and makes it absolute in `out`. Returns its length, or -1 when there is nothing to report: the kernel
 * will refuse the call, or it names no path.
 */
ssize_t tracer_path(struct tracer *t, const struct process *p, int folder, uint64_t address, char out[ABSOLUTE_BYTES]);
/* Says once for each program image what could not be seen. */
void tracer_gap(struct tracer *t, const struct process *p, const char *reason);
/* Whether the same look-up was just told; if not, it is remembered. */
bool tracer_repeated(struct tracer *t, const struct process *p, uint32_t what, const char *text, size_t length);
/* Puts a path and what it became into the open frame. */
void tracer_put_path(struct tracer *t, const char *path, size_t length);

/* trace-access.c: begins the frame of a call that names paths; false when there is none. The caller commits it. */
bool trace_access(struct tracer *t, const struct process *p, const struct call *call, bool narrow);
/* trace-exec.c: the same for an execution. */
bool trace_exec(struct tracer *t, const struct process *p, const struct call *call, bool narrow);
/* trace-connect.c: the same for the address of a socket. */
bool trace_connect(struct tracer *t, const struct process *p, const struct call *call, bool narrow);

#endif
