/*
 * Answers the seccomp listener. Each notification makes at most a few frames, and the answer is always "go on".
 *
 * A thread of its own waits in the kernel for the next call. That saves a poll per call and is the shortest way from the caller to
 * here. The thread reads what the caller shows at that moment. Another thread of the caller can change the path before the kernel
 * reads it again. So the trace is evidence of what builds do. The fence is the view.
 */
#include "trace/listener.h"

#include "base/cleanup.h"
#include "base/frames.h"
#include "trace/access-frame.h"
#include "trace/arguments.h"
#include "trace/canonical-names.h"
#include "trace/connect-frame.h"
#include "trace/exec-frame.h"
#include "trace/process-source.h"
#include "trace/reporters.h"
#include "trace/told.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

/* ---- what the table of processes tells ---- */

static bool is_waiting(void *context)
{
	const struct tracer *t = context;
	return ioctl(t->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &t->request->id) == 0;
}

static void announce(void *context, uint32_t serial, uint32_t parent, pid_t pid)
{
	struct tracer *t = context;
	put_process(t->stream, serial, parent, pid);
	deaths_watch(&t->deaths, serial, pid);
}

static void announce_orphan(void *context, uint32_t serial)
{
	const struct tracer *t = context;
	put_gap(t->stream, serial, "the parent of a process was killed before the process was seen");
}

static void announce_end(void *context, uint32_t serial)
{
	struct tracer *t = context;
	reporters_leave(t, serial);
	put_exited(t->stream, serial);
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
	told_open(t);
	deaths_open(&t->deaths);
	reporters_open(&t->reporters);
	struct process_audience audience = {t, is_waiting, announce, announce_orphan, announce_end};
	if (!t->request || !t->response || !processes_open(&t->processes, &proc_source, &audience)) {
		tracer_close(t);
		errno = ENOMEM;
		return NULL;
	}
	return t;
}

/* ---- one call after another ---- */

static int64_t milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The call in hand may kill processes, so that their death proves nothing. */
static void expect_deaths(struct tracer *t)
{
	const struct call *call = t->call;
	uint64_t first = call->flags >= 0 ? call_argument(t, call->flags) : 0;
	switch ((enum call_kind)call->kind) {
	case CALL_SIGNAL:
		deaths_sent(&t->deaths, first, call->path >= 0 && (int32_t)call_argument(t, call->path) <= 0);
		break;
	case CALL_PRCTL:
		deaths_sent(&t->deaths, call_argument(t, 1), true);
		break;
	case CALL_LIMIT:
		if (call_argument(t, call->path) != 0)
			deaths_sent(&t->deaths, SIGKILL, true);
		break;
	default:
		deaths_sent(&t->deaths, SIGKILL, true);
	}
}

/* Reports the call that stands in t->request. Returns whether a frame is open; it counts only if the call goes on. */
static bool report(struct tracer *t)
{
	pid_t tid = caller_tid(t);
	int64_t now = milliseconds();
	/* It is 0 for a process of a pid namespace that is no descendant of ours, which cannot be under our filter. */
	struct process *found = processes_find(&t->processes, tid, now);
	if (!found)
		return false;
	t->caller = *found;
	t->call = find_call(t->request->data.arch, t->request->data.nr, &t->narrow);
	if (!t->call) {
		tell_gap(t, knows_architecture(t->request->data.arch)
		                ? "a process used a system call that is newer than the tracer"
		                : "a process used system calls of an architecture that the tracer does not know");
		return false;
	}
	t->places.tid = tid;
	t->places.leader = t->caller.leader;
	reporters_take(t);
	switch (reporters_answer(t)) {
	case ANSWERED_ALREADY:
		t->is_answered = true;
		return false;
	case ANSWERED_BY_VALUE:
		t->response->flags = 0;
		break;
	case NOT_THEIRS:
		break;
	}
	switch ((enum call_kind)t->call->kind) {
	case CALL_OPEN:
	case CALL_OPENAT2:
	case CALL_PATH:
	case CALL_STAT_AT:
	case CALL_LINK:
	case CALL_TWO_PATHS:
	case CALL_SYMLINK:
		return begin_access(t);
	case CALL_EXEC:
		processes_exec(&t->processes, tid, t->caller.leader);
		if (!begin_exec(t))
			return false;
		reporters_expect(t, t->processes.last_image);
		return true;
	case CALL_EXIT:
		found->leaving = true;
		if (tid == t->caller.leader)
			processes_leave(&t->processes, t->caller.leader, t->caller.serial, now);
		return false;
	case CALL_EXIT_GROUP:
		found->leaving = true;
		processes_leave(&t->processes, t->caller.leader, t->caller.serial, now);
		deaths_leave(&t->deaths, t->caller.serial);
		reporters_leave(t, t->caller.serial);
		return false;
	case CALL_IO_URING:
		t->response->flags = 0;
		t->response->error = -ENOSYS;
		tell_gap(t, "a process asked for io_uring, whose file accesses cannot be seen; it was told that there is none");
		return false;
	case CALL_LISTENER:
		tell_gap(t, "a process asked for a seccomp listener of its own; the kernel allows one, which is the tracer's");
		return false;
	case CALL_SIGNAL:
	case CALL_PRCTL:
	case CALL_LIMIT:
	case CALL_CLONE:
		expect_deaths(t);
		return false;
	case CALL_NEW_ROOT:
		if (t->call->flags >= 0) {
			uint64_t flags = call_argument(t, t->call->flags);
			if (flags & CLONE_NEWPID)
				deaths_sent(&t->deaths, SIGKILL, true);
			if (!(flags & CLONE_NEWNS))
				return false;
		}
		tell_gap(t, "a process changed its root folder or its mounts: its paths may name other files");
		return false;
	case CALL_UNSEEN:
	case CALL_BPF:
		snprintf(t->path, sizeof t->path, "a process named a file in a way that cannot be followed, by %s(2)", t->call->name);
		tell_gap(t, t->path);
		return false;
	case CALL_BIND:
	case CALL_CONNECT:
	case CALL_SENDTO:
	case CALL_SENDMSG:
	case CALL_SENDMMSG:
	case CALL_SOCKETCALL:
		return begin_connect(t);
	}
	return false;
}

static bool send_response(struct tracer *t)
{
	bool sent;
	do
		sent = ioctl(t->listener, SECCOMP_IOCTL_NOTIF_SEND, t->response) == 0;
	while (!sent && errno == EINTR);
	return sent;
}

/* Answers one notification. Returns false when the listener is no longer of use. */
static bool answer(struct tracer *t)
{
	memset(t->request, 0, t->request_size);
	if (ioctl(t->listener, SECCOMP_IOCTL_NOTIF_RECV, t->request) != 0) {
		/* ENOENT means that the caller has died, or, since Linux 6.11, that nobody is left under the filter. */
		struct pollfd left = {.fd = t->listener, .events = POLLIN};
		if (errno != EINTR && errno != ENOENT)
			t->failure = errno;
		return errno == EINTR || (errno == ENOENT && poll(&left, 1, 0) >= 0 && !(left.revents & POLLHUP));
	}
	memset(t->response, 0, t->response_size);
	t->response->id = t->request->id;
	t->response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (t->places.root < 0 && !places_open(&t->places, caller_tid(t)) && !t->is_blind) {
		t->is_blind = true;
		put_gap(t->stream, 0, "the mounts of the sandbox could not be read at first: what the view held is not known for some calls");
	}
	t->is_answered = false;
	bool is_open = report(t);
	bool sent = t->is_answered || send_response(t);
	int error = errno;
	/*
	 * ENOENT means that the caller has died, or was interrupted and will ask again. What was read may be another process's.
	 */
	if (is_open && sent) {
		stream_commit(t->stream);
		if (t->call->kind == CALL_EXEC)
			canonical_names_tell(t);
	} else if (is_open) {
		stream_rollback(t->stream);
	}
	if (!sent && error != ENOENT)
		t->failure = error;
	return sent || error == ENOENT;
}

static void *answer_all(void *context)
{
	struct tracer *t = context;
	while (!t->stopping && answer(t))
		;
	return NULL;
}

int tracer_failure(const struct tracer *t)
{
	return t->failure;
}

static void wake(int signal)
{
	(void)signal;
}

bool tracer_listen(struct tracer *t, int listener)
{
	t->listener = listener;
	t->formats = read_other_formats("/proc/sys/fs/binfmt_misc");
	/* Since Linux 6.6 the supervisor can be woken on the caller's processor, which waits for it anyway. */
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	char name[64];
	snprintf(name, sizeof name, "/proc/self/task/%d/children", (int)getpid());
	if (access(name, R_OK) != 0)
		put_gap(t->stream, 0, "the kernel lacks CONFIG_PROC_CHILDREN: processes whose parent left early hang on the first process");
	/* SA_RESTART is missing on purpose: the signal is to end a wait in the kernel. */
	sigaction(SIGUSR1, &(struct sigaction){.sa_handler = wake}, NULL);
	errno = pthread_create(&t->thread, NULL, answer_all, t);
	t->thread_runs = errno == 0;
	return t->thread_runs;
}

size_t tracer_take_deaths(struct tracer *t, struct death *out)
{
	return deaths_take(&t->deaths, out);
}

bool tracer_sees_deaths(const struct tracer *t)
{
	return t->deaths.able;
}

void tracer_finish(struct tracer *t)
{
	if (!t)
		return;
	t->stopping = true;
	while (t->thread_runs) {
		/* The signal is sent again and again, because it may come just before the wait. */
		pthread_kill(t->thread, SIGUSR1);
		/* pthread_timedjoin_np(3) waits by the clock of the machine, which somebody may set back. */
		t->thread_runs = pthread_tryjoin_np(t->thread, NULL) != 0;
		if (t->thread_runs)
			nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
	}
	reporters_finish(t);
}

void tracer_close(struct tracer *t)
{
	if (!t)
		return;
	tracer_finish(t);
	reporters_close(&t->reporters);
	close_descriptor(&t->listener);
	places_close(&t->places);
	processes_close(&t->processes);
	deaths_close(&t->deaths);
	free(t->request);
	free(t->response);
	free(t);
}
