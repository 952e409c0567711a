/*
 * The supervisor's side of the trace: one notification in, at most a few frames out, and always the answer "go on".
 *
 * What is read from a traced process is what it showed at that moment; another thread of it can change the path before the
 * kernel reads it again. The trace is evidence of what builds do, not a fence; the fence is the view.
 */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

#define MOST_ARGUMENTS 64
#define MOST_ARGUMENT_BYTES 4096
#define MOST_INTERPRETERS 5
#define REMEMBERED 16384
/* O_WRONLY and O_RDWR, O_CREAT, O_TRUNC: the same numbers on all four architectures. */
#define WRITE_FLAGS (03 | 0100 | 01000)

struct tracer {
	struct stream *stream;
	struct processes processes;
	struct process_source source;
	int listener;
	/* The root of the sandbox, against which absolute links are followed. */
	int root;
	struct seccomp_notif *request;
	struct seccomp_notif_resp *response;
	size_t request_size, response_size;
	/* Hashes of what was reported last, by a part of the hash: a process asks for the same few paths again and again. */
	uint64_t remembered[REMEMBERED];
	char path[PATH_BYTES], absolute[ABSOLUTE_BYTES], scratch[ABSOLUTE_BYTES];
};

/* The process table calls back without a context; there is one tracer in a supervisor. */
static struct tracer *current;

static void emit_gap(struct tracer *t, uint32_t serial, const char *reason)
{
	stream_begin(t->stream, FRAME_GAP);
	stream_u32(t->stream, serial);
	stream_text(t->stream, reason, strlen(reason));
	stream_commit(t->stream);
}

static void announce(uint32_t serial, uint32_t parent, pid_t pid)
{
	stream_begin(current->stream, FRAME_PROCESS);
	stream_u32(current->stream, serial);
	stream_u32(current->stream, parent);
	stream_u32(current->stream, (uint32_t)pid);
	stream_commit(current->stream);
}

static void announce_orphan(uint32_t serial)
{
	emit_gap(current, serial, "the parent of a process was killed before the process was seen");
}

struct tracer *tracer_open(struct stream *stream)
{
	struct seccomp_notif_sizes sizes;
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) != 0)
		return NULL;
	struct tracer *t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->stream = stream;
	t->listener = t->root = -1;
	/* The kernel may know larger structures than this program does, or smaller ones. */
	t->request_size = sizes.seccomp_notif > sizeof *t->request ? sizes.seccomp_notif : sizeof *t->request;
	t->response_size = sizes.seccomp_notif_resp > sizeof *t->response ? sizes.seccomp_notif_resp : sizeof *t->response;
	t->request = calloc(1, t->request_size);
	t->response = calloc(1, t->response_size);
	t->source = proc_source;
	t->source.announce = announce;
	t->source.orphan = announce_orphan;
	current = t;
	if (!t->request || !t->response || !processes_open(&t->processes, &t->source)) {
		errno = ENOMEM;
		return NULL;
	}
	return t;
}

void tracer_close(struct tracer *t)
{
	if (!t)
		return;
	if (t->listener >= 0)
		close(t->listener);
	if (t->root >= 0)
		close(t->root);
	processes_close(&t->processes);
	free(t->request);
	free(t->response);
	free(t);
	current = NULL;
}

void tracer_listen(struct tracer *t, int listener)
{
	t->listener = listener;
	/* Since Linux 6.6: the supervisor is woken on the caller's processor, which waits for it anyway. */
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	char name[64];
	snprintf(name, sizeof name, "/proc/self/task/%d/children", (int)getpid());
	if (access(name, R_OK) != 0)
		emit_gap(t, 0, "the kernel lacks CONFIG_PROC_CHILDREN: processes whose parent left early hang on the first process");
}

static uint64_t hash(uint64_t h, const void *bytes, size_t length)
{
	const uint8_t *p = bytes;
	for (size_t i = 0; i < length; i++)
		h = (h ^ p[i]) * 1099511628211u;
	return h ^ (h >> 29);
}

/* Whether the same thing was just reported; if not, it is remembered. */
static bool repeated(struct tracer *t, const struct process *p, uint32_t what, const char *text, size_t length)
{
	uint32_t key[3] = {p->serial, p->image, what};
	uint64_t h = hash(hash(14695981039346656037u, key, sizeof key), text, length);
	uint64_t *slot = &t->remembered[h % REMEMBERED];
	if (*slot == h)
		return true;
	*slot = h;
	return false;
}

static void gap(struct tracer *t, const struct process *p, uint32_t what, const char *reason)
{
	if (!repeated(t, p, 0x10000 | what, reason, strlen(reason)))
		emit_gap(t, p->serial, reason);
}

/* Opens `path` as the sandbox resolves it. Device files and pipes are only looked up, never opened for reading. */
static int open_in_view(const struct tracer *t, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	return (int)syscall(SYS_openat2, t->root, path, &how, sizeof how);
}

static ssize_t read_head(int file, char *out, size_t size)
{
	struct stat st;
	if (fstat(file, &st) != 0 || !S_ISREG(st.st_mode))
		return -1;
	char name[64];
	snprintf(name, sizeof name, "/proc/self/fd/%d", file);
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, out, size);
	close(fd);
	return n;
}

/*
 * Follows the `#!` lines from `file` on (closed on return) into the open frame: a count and the interpreters, outermost
 * first. A relative interpreter is taken against the working folder, as the kernel does.
 */
static void put_interpreters(struct tracer *t, pid_t tid, int file)
{
	static char found[MOST_INTERPRETERS][ABSOLUTE_BYTES];
	uint8_t count = 0;
	while (file >= 0 && count < MOST_INTERPRETERS) {
		char head[256], name[256];
		ssize_t n = read_head(file, head, sizeof head);
		close(file);
		file = -1;
		if (n <= 0 || parse_interpreter(head, (size_t)n, name, sizeof name) == 0)
			break;
		if (remote_absolute(tid, AT_FDCWD, name, found[count]) < 0)
			break;
		file = open_in_view(t, found[count]);
		count++;
	}
	if (file >= 0)
		close(file);
	stream_u8(t->stream, count);
	for (uint8_t i = 0; i < count; i++)
		stream_text(t->stream, found[i], strlen(found[i]));
}

static void put_arguments(struct tracer *t, pid_t tid, uint64_t address, bool narrow)
{
	static char bytes[MOST_ARGUMENT_BYTES + 1];
	static uint16_t lengths[MOST_ARGUMENTS];
	uint8_t pointers[MOST_ARGUMENTS * 8];
	size_t width = narrow ? 4 : 8, used = 0;
	uint16_t count = 0;
	ssize_t n = address ? remote_read(tid, address, pointers, MOST_ARGUMENTS * width) : 0;
	for (size_t i = 0; n > 0 && i < (size_t)n / width && used < MOST_ARGUMENT_BYTES; i++) {
		uint64_t pointer = 0;
		memcpy(&pointer, pointers + i * width, width);
		if (pointer == 0)
			break;
		ssize_t length = remote_string(tid, pointer, bytes + used, sizeof bytes - used);
		if (length == -ENAMETOOLONG)
			length = (ssize_t)(sizeof bytes - 1 - used);
		if (length < 0)
			break;
		lengths[count++] = (uint16_t)length;
		used += (size_t)length;
	}
	stream_u16(t->stream, count);
	for (size_t i = 0, at = 0; i < count; at += lengths[i], i++)
		stream_text(t->stream, bytes + at, lengths[i]);
}

/*
 * Reads one path argument into t->absolute. Returns its length, or -1 when there is nothing to report: the kernel will
 * refuse the call, or it names no path.
 */
static ssize_t read_path(struct tracer *t, const struct process *p, pid_t tid, int folder, uint64_t address)
{
	ssize_t n = remote_string(tid, address, t->path, sizeof t->path);
	if (n == -EPERM)
		gap(t, p, 1, "the memory of a process could not be read");
	if (n < 0)
		return -1;
	if (n == 0 && folder == AT_FDCWD)
		return -1;
	return remote_absolute(tid, folder, t->path, t->absolute);
}

static uint64_t argument(const struct tracer *t, int position, bool narrow)
{
	uint64_t value = t->request->data.args[position];
	return narrow ? (uint32_t)value : value;
}

static int folder_argument(const struct tracer *t, int position)
{
	return position < 0 ? AT_FDCWD : (int)(uint32_t)t->request->data.args[position];
}

/* Builds the frame of an access; the caller commits it. False when there is none. */
static bool build_access(struct tracer *t, const struct process *p, enum operation operation, int folder, uint64_t address)
{
	ssize_t n = read_path(t, p, (pid_t)t->request->pid, folder, address);
	if (n < 0)
		return false;
	bool look = operation == OP_OPEN || operation == OP_STAT || operation == OP_ACCESS || operation == OP_READLINK;
	if (look && repeated(t, p, operation, t->absolute, (size_t)n))
		return false;
	stream_begin(t->stream, FRAME_ACCESS);
	stream_u32(t->stream, p->serial);
	stream_u8(t->stream, (uint8_t)operation);
	stream_text(t->stream, t->absolute, (size_t)n);
	return true;
}

static bool build_exec(struct tracer *t, const struct process *p, const struct call *call, bool narrow)
{
	pid_t tid = (pid_t)t->request->pid;
	int folder = folder_argument(t, call->folder);
	ssize_t n = read_path(t, p, tid, folder, argument(t, call->path, narrow));
	if (n < 0)
		return false;
	int file;
	if (t->path[0] == '\0') {
		/* fexecve: the descriptor itself is executed, whatever its name has become. */
		char name[64];
		snprintf(name, sizeof name, "/proc/%d/fd/%d", (int)tid, folder);
		file = open(name, O_PATH | O_CLOEXEC);
	} else {
		file = open_in_view(t, t->absolute);
	}
	stream_begin(t->stream, FRAME_EXEC);
	stream_u32(t->stream, p->serial);
	stream_u8(t->stream, file >= 0);
	stream_text(t->stream, t->absolute, (size_t)n);
	put_arguments(t, tid, argument(t, call->kind == CALL_EXEC && call->folder >= 0 ? 2 : 1, narrow), narrow);
	put_interpreters(t, tid, file);
	return true;
}

static enum operation open_operation(const struct tracer *t, const struct call *call, bool narrow)
{
	uint64_t flags = argument(t, call->flags, narrow);
	if (call->kind == CALL_OPENAT2) {
		uint64_t how;
		flags = remote_read((pid_t)t->request->pid, flags, &how, sizeof how) == sizeof how ? how : 0;
	}
	return flags & WRITE_FLAGS ? OP_WRITE : OP_OPEN;
}

static void first_process(struct tracer *t)
{
	char name[64];
	snprintf(name, sizeof name, "/proc/%d/root", (int)t->request->pid);
	t->root = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int64_t milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Reports the call that stands in t->request. Returns whether a frame is open; it counts only if the call goes on. */
static bool report(struct tracer *t)
{
	pid_t tid = (pid_t)t->request->pid;
	int64_t now = milliseconds();
	/* 0: a process of a pid namespace that is no descendant of ours; cannot be under our filter. */
	struct process *found = processes_find(&t->processes, tid, now);
	if (!found)
		return false;
	struct process p = *found;
	bool narrow;
	const struct call *call = find_call(t->request->data.arch, t->request->data.nr, &narrow);
	if (!call) {
		gap(t, &p, 2, "a process used system calls of an architecture that the tracer does not know");
		return false;
	}
	switch (call->kind) {
	case CALL_OPEN:
	case CALL_OPENAT2:
		return build_access(t, &p, open_operation(t, call, narrow), folder_argument(t, call->folder),
		                    argument(t, call->path, narrow));
	case CALL_PATH:
		return build_access(t, &p, call->operation, folder_argument(t, call->folder), argument(t, call->path, narrow));
	case CALL_TWO_PATHS:
		if (build_access(t, &p, call->operation, folder_argument(t, call->folder), argument(t, call->path, narrow)))
			stream_commit(t->stream);
		return build_access(t, &p, call->operation, folder_argument(t, call->folder2), argument(t, call->path2, narrow));
	case CALL_EXEC:
		processes_exec(&t->processes, tid, p.leader);
		return build_exec(t, &p, call, narrow);
	case CALL_EXIT:
		found->leaving = true;
		if (tid == p.leader)
			processes_leave(&t->processes, p.leader, p.serial, now);
		return false;
	case CALL_EXIT_GROUP:
		found->leaving = true;
		processes_leave(&t->processes, p.leader, p.serial, now);
		return false;
	case CALL_IO_URING:
		t->response->flags = 0;
		t->response->error = -ENOSYS;
		gap(t, &p, 3, "a process asked for io_uring, whose file accesses cannot be seen; it was told that there is none");
		return false;
	case CALL_LISTENER:
		gap(t, &p, 4, "a process asked for a seccomp listener of its own; the kernel allows one, which is the tracer's");
		return false;
	case CALL_NEW_ROOT:
		gap(t, &p, 5, "a process changed its root folder or its mounts: its paths may name other files");
		return false;
	}
	return false;
}

bool tracer_answer(struct tracer *t)
{
	memset(t->request, 0, t->request_size);
	if (ioctl(t->listener, SECCOMP_IOCTL_NOTIF_RECV, t->request) != 0)
		return errno == EINTR || errno == ENOENT;
	memset(t->response, 0, t->response_size);
	t->response->id = t->request->id;
	t->response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (t->root < 0)
		first_process(t);
	bool open = report(t);
	bool sent;
	do
		sent = ioctl(t->listener, SECCOMP_IOCTL_NOTIF_SEND, t->response) == 0;
	while (!sent && errno == EINTR);
	/*
	 * ENOENT: the caller died, or was interrupted and will ask again. What was read may be another process's by now.
	 */
	if (open && sent)
		stream_commit(t->stream);
	else if (open)
		stream_rollback(t->stream);
	return sent || errno == ENOENT;
}
