/*
 * Makes the mounts, starts bubblewrap, and supervises from outside until nothing of the sandbox is left.
 *
 * Node hands over descriptors. 1 takes the command's output, --events the event stream. --control gives the plan, and its end means
 * that Node is gone. Whatever way the run ends, the mounts end with this process's mount namespace.
 */
#include "outer/run.h"

#include "base/cleanup.h"
#include "base/frames.h"
#include "base/handover.h"
#include "base/open.h"
#include "limits/oom-kills.h"
#include "limits/watcher.h"
#include "outer/children.h"
#include "outer/connections.h"
#include "outer/namespaces.h"
#include "outer/options.h"
#include "outer/relay.h"
#include "trace/deaths.h"
#include "trace/listener.h"
#include "view/follow-plan.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Frames are sent at the latest after this time, so that progress is seen. */
#define FLUSH_MS 100
/* The number under which the stage finds its socket; the Node side puts it into the stage's arguments. */
#define STAGE_SOCKET 7

static struct supervisor {
	struct stream stream;
	struct run_options options;
	struct watch watch;
	struct tracer *tracer;
	int signals, stage, listener;
	pid_t bwrap, relay, watcher;
	struct oom_kills oom_kills;
	bool cancelled, attached, started, reported;
	enum limit exceeded;
	int status;
	/* The signal with which somebody has killed bwrap. When the command is killed, bwrap exits. */
	int signal;
} run;

/* Takes what has arrived on the control descriptor and the signals. Returns true once the run is to end. */
static bool check_cancelled(void)
{
	struct pollfd fds[2] = {{.fd = run.signals, .events = POLLIN}, {.fd = run.options.control, .events = POLLIN}};
	if (poll(fds, 2, 0) > 0) {
		struct signalfd_siginfo info;
		while (read(run.signals, &info, sizeof info) == sizeof info)
			if (info.ssi_signo != SIGCHLD)
				run.cancelled = true;
		char byte;
		if (fds[1].revents && recv(run.options.control, &byte, 1, MSG_DONTWAIT) == 0)
			run.cancelled = true;
	}
	return run.cancelled;
}

static bool report_failure(const char *step, int error, const char *detail)
{
	if (!run.reported)
		put_failure(&run.stream, step, error, detail);
	run.reported = true;
	return false;
}

static bool make_view(void)
{
	static char scratch[PATH_BYTES];
	__attribute__((cleanup(plan_free))) struct plan plan = {0};
	struct failure failure = {0};
	const char *staging = run.options.staging;
	if (!plan_read(&plan, run.options.control)) {
		run.cancelled = errno == EPIPE;
		return report_failure("plan", errno, "");
	}
	struct view view = {.staging = staging, .staging_options = run.options.staging_options, .owner = run.options.identity,
	                    .in_user_namespace = !run.options.drop, .cancelled = check_cancelled, .failure = &failure};
	const struct identity root = {.uid = 0, .gid = 0};
	if (!enter_namespaces(run.options.drop ? NULL : &root, &failure) || !follow_plan(&view, &plan))
		return report_failure(failure.step, failure.error, failure.detail);
	snprintf(scratch, sizeof scratch, "%s/scratch", staging);
	run.watch = (struct watch){.limits = run.options.limits, .folders = run.options.folders,
	                           .folder_count = run.options.folder_count, .scratch = scratch};
	return limits_fence_scratch(&run.watch.limits, scratch) || report_failure("limits", errno, "");
}

static void reset_signals(void)
{
	sigset_t none;
	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become_bwrap(int output, int stage, int broken)
{
	reset_signals();
	/* The supervisor may be killed before bwrap's own --die-with-parent holds. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (limits_any(&run.watch.limits))
		limits_fence(&run.watch.limits);
	if (dup2(output, 1) >= 0 && dup2(output, 2) >= 0 && dup2(stage, STAGE_SOCKET) >= 0) {
		fcntl(STAGE_SOCKET, F_SETFD, 0);
		execvp(run.options.bwrap, run.options.arguments);
	}
	int error = errno;
	if (write(broken, &error, sizeof error) < 0)
		_exit(126);
	_exit(127);
}

static _Noreturn void become_relay(struct connections *c)
{
	close_descriptor(&run.options.control);
	close_descriptor(&run.options.events);
	int output = take_descriptor(&c->output);
	/* Whoever reads the other end of one of these waits until the last writer is gone. */
	close_connections(c);
	relay_output(output, run.watch.limits.most[LIMIT_OUTPUT]);
}

static bool start(void)
{
	AUTO_CLOSE_CONNECTIONS struct connections c;
	/* /dev/stdout is opened by name with the rights of whoever the command runs as. */
	if (!open_connections(&c) ||
	    (run.options.drop && fchown(c.sandbox_output, run.options.identity.uid, run.options.identity.gid) != 0))
		return report_failure("descriptors", errno, "");
	run.relay = fork();
	if (run.relay == 0)
		become_relay(&c);
	watch_prepare(&run.watch);
	oom_kills_open(&run.oom_kills);
	cgroup_open(&run.watch.cgroup, &run.watch.limits);
	run.bwrap = run.relay < 0 ? -1 : cgroup_fork(&run.watch.cgroup);
	if (run.bwrap == 0)
		become_bwrap(c.sandbox_output, c.inner, c.sandbox_broken);
	int error = errno;
	close_descriptor(&c.output);
	close_descriptor(&c.sandbox_output);
	close_descriptor(&c.inner);
	close_descriptor(&c.sandbox_broken);
	run.stage = take_descriptor(&c.outer);
	if (run.bwrap < 0)
		return report_failure("fork", error, "");
	ssize_t n = read(c.broken, &error, sizeof error);
	return n <= 0 || report_failure("bwrap-exec", error, run.options.bwrap);
}

/* From now on the limits hold. */
static void start_watcher(void)
{
	pid_t parent = getpid();
	run.watcher = fork();
	if (run.watcher == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		/* Whoever waits for the end of one of these waits for the supervisor alone. */
		close_descriptor(&run.options.events);
		close_descriptor(&run.options.control);
		close_descriptor(&run.listener);
		close(1);
		watch_run(&run.watch);
	}
	if (run.watcher < 0)
		report_failure("limits", errno, "");
}

static void take_over(const struct handover *handover)
{
	run.attached = true;
	run.watch.proc = handover->fds[HANDED_PROC];
	run.watch.segments = handover->fds[HANDED_SEGMENTS];
	run.listener = handover->fds[HANDED_LISTENER];
	if (run.listener >= 0 && run.tracer && !tracer_listen(run.tracer, run.listener))
		report_failure("seccomp", errno, "");
}

/* Takes one message of the stage, or the end of its socket, which after success means that the command runs. */
static void hear_stage(void)
{
	struct handover handover;
	int heard = handover_receive(run.stage, &handover);
	if (heard < 0)
		return;
	if (heard > 0 && handover.kind == 'E') {
		run.attached = false;
		report_failure(handover.step, handover.error, "");
		return;
	}
	if (heard > 0) {
		take_over(&handover);
		return;
	}
	close_descriptor(&run.stage);
	if (!run.attached || run.reported)
		return;
	run.started = true;
	put_ready(&run.stream, run.tracer && tracer_sees_deaths(run.tracer));
	if (limits_any(&run.watch.limits))
		start_watcher();
}

static void exceed(enum limit limit)
{
	const char *name = limit_name(limit);
	if (name[0] == '\0' || run.exceeded != LIMIT_NONE || run.cancelled)
		return;
	run.exceeded = limit;
	put_exceeded(&run.stream, name);
}

static bool is_ending(void)
{
	return run.cancelled || run.exceeded != LIMIT_NONE || run.stream.broken || run.signal != 0 || (run.started && run.reported);
}

static bool reap(void);

/* Somebody outside has killed bwrap. It may also be the kernel that holds the cgroup to its limit. */
static void note_kill(int status)
{
	if (WIFSIGNALED(status) && !is_ending())
		run.signal = WTERMSIG(status);
}

/* Whether bubblewrap is dead and reap() has not seen it yet. All of the sandbox dies with it. */
static bool is_bwrap_dead(void)
{
	siginfo_t info = {0};
	return run.bwrap > 0 && waitid(P_PID, (id_t)run.bwrap, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

/* Tells of processes that somebody outside has killed, unless it was ourselves or the limit of the cgroup. */
static void tell_deaths(void)
{
	struct death deaths[MOST_DEATHS];
	if (!run.tracer || is_ending())
		return;
	size_t count = tracer_take_deaths(run.tracer, deaths);
	/* reap() tells who has killed it, and the deaths of the others are taken here only once. */
	if (count > 0 && is_bwrap_dead())
		reap();
	if (count > 0)
		exceed(cgroup_exceeded(&run.watch.cgroup));
	for (size_t i = 0; i < count && !is_ending(); i++)
		put_killed(&run.stream, deaths[i].serial, deaths[i].signal);
}

/* Collects whoever has ended. Returns false when nobody is left but the relay. */
static bool reap(void)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == run.bwrap) {
			note_kill(status);
			run.bwrap = 0;
			run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		} else if (pid == run.relay) {
			run.relay = 0;
			if (WIFEXITED(status))
				exceed((enum limit)WEXITSTATUS(status));
			else if (!is_ending())
				report_failure("output", ECHILD, "");
		} else if (pid == run.watcher) {
			run.watcher = 0;
			if (WIFEXITED(status))
				exceed((enum limit)WEXITSTATUS(status));
			else if (run.bwrap > 0 && !is_ending())
				report_failure("limits", ECHILD, "");
		}
	}
	if (pid < 0)
		return false;
	/* The subreaper inherits what outlives bwrap. */
	if (run.bwrap == 0 || is_ending()) {
		/* What the command has left on disk is still to be judged. */
		if (run.watcher > 0)
			kill(run.watcher, is_ending() ? SIGKILL : SIGTERM);
		kill_children((const pid_t[]){run.relay, run.watcher}, 2);
	}
	return true;
}

/* Without the thread that answers them, the calls of the build would wait for ever. */
static void check_tracer(void)
{
	int error = run.tracer ? tracer_failure(run.tracer) : 0;
	if (error != 0)
		report_failure("trace", error, "");
}

/* Tells when somebody else has ended the run, or a part of it: what the command made of that is no result. */
static void report_disturbance(void)
{
	check_tracer();
	if (run.cancelled || run.reported || run.exceeded != LIMIT_NONE)
		return;
	if (run.started && oom_kills_happened(&run.oom_kills, &run.watch.cgroup))
		report_failure("out-of-memory", ENOMEM, "");
	else if (run.signal != 0)
		report_failure("bwrap-killed", run.signal, "");
}

/* Waits until something happens, and answers it. */
static void attend(void)
{
	enum { SIGNALS, CONTROL, STAGE, COUNT };
	struct pollfd fds[COUNT] = {
		[SIGNALS] = {.fd = run.signals, .events = POLLIN},
		[CONTROL] = {.fd = run.cancelled ? -1 : run.options.control, .events = POLLIN},
		[STAGE] = {.fd = run.stage, .events = POLLIN},
	};
	/* The tracer's thread fills the stream, and may take our SIGCHLD while it waits for Node. So we look often. */
	bool is_busy = run.listener >= 0 || stream_pending(&run.stream);
	if (poll(fds, COUNT, is_busy ? FLUSH_MS : is_ending() ? 50 : -1) == 0)
		stream_flush(&run.stream);
	if (fds[STAGE].revents)
		hear_stage();
	check_cancelled();
	tell_deaths();
	check_tracer();
	if (run.stream.broken)
		run.cancelled = true;
	if (is_ending() && run.bwrap > 0) {
		cgroup_kill(&run.watch.cgroup);
		kill(run.bwrap, SIGKILL);
	}
}

static void supervise(void)
{
	while (reap())
		attend();
	/* A short command may have ended before its stage was heard. Here come its last words and the end of the socket. */
	for (int i = 0; i < 3 && run.stage >= 0; i++)
		hear_stage();
	/* Only then has its watcher begun, which is still to judge what the command has left. */
	while (reap())
		attend();
}

/*
 * Tells why bwrap gave up before the stage ran. It has said so in words on the output. What can be told exactly is whether a user
 * namespace inside ours is allowed.
 */
static void explain_bwrap(void)
{
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(unshare(CLONE_NEWUSER) == 0 ? 0 : errno);
	if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) != 0) {
		report_failure("user-namespace", WEXITSTATUS(status), "");
		return;
	}
	report_failure("bwrap", 0, "");
}

static bool prepare(void)
{
	sigset_t handled;
	sigemptyset(&handled);
	sigaddset(&handled, SIGTERM);
	sigaddset(&handled, SIGINT);
	sigaddset(&handled, SIGHUP);
	sigaddset(&handled, SIGCHLD);
	sigprocmask(SIG_BLOCK, &handled, NULL);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* Nothing but what is handed on knowingly reaches the sandbox. */
	if (syscall(SYS_close_range, 3, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */) != 0)
		for (int fd = 3; fd < 1024; fd++)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
	move_up(&run.options.events);
	move_up(&run.options.control);
	run.stage = run.listener = -1;
	run.signals = signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
	if (run.signals < 0 || run.options.events < 0 || run.options.control < 0)
		return false;
	move_up(&run.signals);
	int flags = fcntl(run.options.events, F_GETFL);
	fcntl(run.options.events, F_SETFL, flags | O_NONBLOCK);
	return stream_open(&run.stream, run.options.events, check_cancelled);
}

int run_main(int argc, char **argv)
{
	if (!parse_run_options(argc, argv, &run.options) || !prepare())
		return 64;
	bool going = make_view();
	if (going && run.options.trace && !(run.tracer = tracer_open(&run.stream)))
		going = report_failure("seccomp", errno, "");
	if (going)
		going = start();
	if (run.bwrap > 0)
		supervise();
	/* The kernel ends what meets the limit of its cgroup sooner than the watcher looks. */
	exceed(cgroup_exceeded(&run.watch.cgroup));
	tell_deaths();
	report_disturbance();
	cgroup_remove(&run.watch.cgroup);
	if (going && !run.started && !run.cancelled && !run.reported)
		explain_bwrap();
	tracer_finish(run.tracer);
	if (!run.reported && !run.cancelled)
		put_end(&run.stream, run.status);
	tracer_close(run.tracer);
	stream_flush(&run.stream);
	return 0;
}
