/*
 * The supervisor's side of the trace: one notification in, at most a few frames out, and always the answer "go on".
 *
 * A thread of its own waits in the kernel for the next call, which saves a poll per call and is the shortest way that there is
 * from the caller to here. What is read from a traced process is what it showed at that moment; another thread of it can change
 * the path before the kernel reads it again. The trace is evidence of what builds do, not a fence; the fence is the view.
 */
#include "trace.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

/* The process table calls back without a context; there is one tracer in a supervisor. */
static struct tracer *current;
static pthread_t thread;
static atomic_bool thread_runs, stopping;

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

static void announce_end(uint32_t serial)
{
	stream_begin(current->stream, FRAME_EXITED);
	stream_u32(current->stream, serial);
	stream_commit(current->stream);
}

static bool is_waiting(void)
{
	return ioctl(current->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &current->request->id) == 0;
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
	t->listener = t->places.root = -1;
	/* The kernel may know larger structures than this program does, or smaller ones. */
	t->request_size = sizes.seccomp_notif > sizeof *t->request ? sizes.seccomp_notif : sizeof *t->request;
	t->response_size = sizes.seccomp_notif_resp > sizeof *t->response ? sizes.seccomp_notif_resp : sizeof *t->response;
	t->request = calloc(1, t->request_size);
	t->response = calloc(1, t->response_size);
	t->source = proc_source;
	t->source.waiting = is_waiting;
	t->source.announce = announce;
	t->source.orphan = announce_orphan;
	t->source.ended = announce_end;
	if (getrandom(&t->seed, sizeof t->seed, GRND_NONBLOCK) != sizeof t->seed)
		t->seed = (uint64_t)getpid();
	current = t;
	if (!t->request || !t->response || !processes_open(&t->processes, &t->source)) {
		errno = ENOMEM;
		return NULL;
	}
	return t;
}

static uint64_t hash(uint64_t h, const void *bytes, size_t length)
{
	const char *p = bytes;
	for (; length >= 8; p += 8, length -= 8) {
		uint64_t word;
		memcpy(&word, p, 8);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	uint64_t rest = length;
	memcpy((char *)&rest + 1, p, length);
	h = (h ^ rest) * 0x9e3779b97f4a7c15u;
	return h ^ (h >> 29);
}

bool tracer_repeated(struct tracer *t, const struct process *p, uint32_t what, const char *text, size_t length)
{
	uint32_t key[4] = {p->serial, p->image, what, (uint32_t)length};
	uint64_t h = hash(hash(t->seed, key, sizeof key), text, length);
	uint64_t *slot = &t->remembered[h % REMEMBERED];
	if (*slot == h)
		return true;
	*slot = h;
	return false;
}

void tracer_gap(struct tracer *t, const struct process *p, const char *reason)
{
	if (!tracer_repeated(t, p, UINT32_MAX, reason, strlen(reason)))
		emit_gap(t, p->serial, reason);
}

uint64_t tracer_argument(const struct tracer *t, int position, bool narrow)
{
	uint64_t value = t->request->data.args[position];
	return narrow ? (uint32_t)value : value;
}

ssize_t tracer_path(struct tracer *t, const struct process *p, int folder, uint64_t address, char out[ABSOLUTE_BYTES])
{
	pid_t tid = (pid_t)t->request->pid;
	ssize_t n = remote_string(tid, address, t->path, sizeof t->path);
	if (n == -EPERM)
		tracer_gap(t, p, "the memory of a process could not be read");
	if (n < 0)
		return -1;
	if (n == 0 && folder == AT_FDCWD)
		return -1;
	return remote_absolute(tid, folder, t->path, out);
}

void tracer_put_path(struct tracer *t, const char *path, size_t length)
{
	stream_path(t->stream, path, length);
	stream_u8(t->stream, (uint8_t)t->hops.count);
	const char *hop = t->hops.bytes;
	for (size_t i = 0; i < t->hops.count; i++) {
		size_t bytes = strlen(hop);
		stream_path(t->stream, hop, bytes);
		hop += bytes + 1;
	}
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
		tracer_gap(t, &p, "a process used system calls of an architecture that the tracer does not know");
		return false;
	}
	switch (call->kind) {
	case CALL_OPEN:
	case CALL_OPENAT2:
	case CALL_PATH:
	case CALL_LINK:
	case CALL_TWO_PATHS:
	case CALL_SYMLINK:
		return trace_access(t, &p, call, narrow);
	case CALL_EXEC:
		processes_exec(&t->processes, tid, p.leader);
		return trace_exec(t, &p, call, narrow);
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
		tracer_gap(t, &p, "a process asked for io_uring, whose file accesses cannot be seen; it was told that there is none");
		return false;
	case CALL_LISTENER:
		tracer_gap(t, &p, "a process asked for a seccomp listener of its own; the kernel allows one, which is the tracer's");
		return false;
	case CALL_NEW_ROOT:
		tracer_gap(t, &p, "a process changed its root folder or its mounts: its paths may name other files");
		return false;
	case CALL_CONNECT:
	case CALL_SENDTO:
	case CALL_SENDMSG:
	case CALL_SENDMMSG:
	case CALL_SOCKETCALL:
		return trace_connect(t, &p, call, narrow);
	}
	return false;
}

/* Answers one notification. Returns false when the listener is no longer of use. */
static bool answer(struct tracer *t)
{
	memset(t->request, 0, t->request_size);
	if (ioctl(t->listener, SECCOMP_IOCTL_NOTIF_RECV, t->request) != 0) {
		/* ENOENT: the caller died meanwhile, or, since Linux 6.11, nobody is left under the filter. */
		struct pollfd left = {.fd = t->listener, .events = POLLIN};
		return errno == EINTR || (errno == ENOENT && poll(&left, 1, 0) >= 0 && !(left.revents & POLLHUP));
	}
	memset(t->response, 0, t->response_size);
	t->response->id = t->request->id;
	t->response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (t->places.root < 0 && !places_open(&t->places, (pid_t)t->request->pid) && !t->is_blind) {
		t->is_blind = true;
		emit_gap(t, 0, "the mounts of the sandbox could not be read at first: what the view held is not known for some calls");
	}
	bool is_open = report(t);
	bool sent;
	do
		sent = ioctl(t->listener, SECCOMP_IOCTL_NOTIF_SEND, t->response) == 0;
	while (!sent && errno == EINTR);
	int error = errno;
	/*
	 * ENOENT: the caller died, or was interrupted and will ask again. What was read may be another process's by now.
	 */
	if (is_open && sent)
		stream_commit(t->stream);
	else if (is_open)
		stream_rollback(t->stream);
	return sent || error == ENOENT;
}

static void *answer_all(void *context)
{
	struct tracer *t = context;
	while (!stopping && answer(t))
		;
	return NULL;
}

static void wake(int signal)
{
	(void)signal;
}

bool tracer_listen(struct tracer *t, int listener)
{
	t->listener = listener;
	/* Since Linux 6.6: the supervisor is woken on the caller's processor, which waits for it anyway. */
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	char name[64];
	snprintf(name, sizeof name, "/proc/self/task/%d/children", (int)getpid());
	if (access(name, R_OK) != 0)
		emit_gap(t, 0, "the kernel lacks CONFIG_PROC_CHILDREN: processes whose parent left early hang on the first process");
	/* Without SA_RESTART: the signal is what ends a wait in the kernel. */
	sigaction(SIGUSR1, &(struct sigaction){.sa_handler = wake}, NULL);
	errno = pthread_create(&thread, NULL, answer_all, t);
	thread_runs = errno == 0;
	return thread_runs;
}

void tracer_close(struct tracer *t)
{
	if (!t)
		return;
	stopping = true;
	while (thread_runs) {
		/* Again and again: the signal may come just before the wait. */
		pthread_kill(thread, SIGUSR1);
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 5000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
		if (pthread_timedjoin_np(thread, NULL, &until) == 0)
			thread_runs = false;
	}
	if (t->listener >= 0)
		close(t->listener);
	places_close(&t->places);
	processes_close(&t->processes);
	free(t->request);
	free(t->response);
	free(t);
	current = NULL;
}
