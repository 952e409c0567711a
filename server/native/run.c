/*
 * The outer part: makes the mounts, starts bubblewrap, and supervises from outside until nothing of the sandbox is left.
 *
 * Descriptors from Node: 1 takes the command's output, --events the event stream, --control the plan and, by its end,
 * the news that Node is gone. Whatever way the run ends, the mounts end with this process's mount namespace.
 */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Frames are sent at the latest after this time, so that progress is seen. */
#define FLUSH_MS 25
/* The number under which the stage finds its socket; the Node side puts it into the stage's arguments. */
#define STAGE_SOCKET 7

struct options {
	const char *staging, *limits, *bwrap;
	int events, control;
	bool drop, trace;
	uid_t uid;
	gid_t gid;
	char **arguments;
};

static struct supervisor {
	struct stream stream;
	struct options options;
	struct tracer *tracer;
	int signals, stage, listener;
	pid_t bwrap, relay;
	bool cancelled, attached, started, reported;
	int status;
} run;

/* Takes what has arrived on the control descriptor and the signals; true once the run is to end. */
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
		stream_failure(&run.stream, step, error, detail);
	run.reported = true;
	return false;
}

static bool write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	int saved = errno;
	close(fd);
	errno = saved;
	return done;
}

/* An ordinary user becomes uid 0 of a namespace of its own (user_namespaces(7)); root needs only the mounts. */
static bool enter_namespaces(void)
{
	if (run.options.drop)
		return unshare(CLONE_NEWNS) == 0 || report_failure("mount-namespace", errno, "");
	char uid_map[64], gid_map[64];
	snprintf(uid_map, sizeof uid_map, "0 %u 1\n", (unsigned)geteuid());
	snprintf(gid_map, sizeof gid_map, "0 %u 1\n", (unsigned)getegid());
	if (unshare(CLONE_NEWUSER) != 0)
		return report_failure("user-namespace", errno, "");
	if (!write_file("/proc/self/setgroups", "deny\n") && errno != ENOENT)
		return report_failure("id-map", errno, "");
	if (!write_file("/proc/self/uid_map", uid_map) || !write_file("/proc/self/gid_map", gid_map))
		return report_failure("id-map", errno, "");
	return unshare(CLONE_NEWNS) == 0 || report_failure("mount-namespace", errno, "");
}

static bool make_view(void)
{
	struct plan plan = {0};
	struct failure failure = {0};
	if (!plan_read(&plan, run.options.control)) {
		run.cancelled = errno == EPIPE;
		return report_failure("plan", errno, "");
	}
	bool done = enter_namespaces();
	if (done && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		done = report_failure("private-mounts", errno, "");
	if (done && !view_mount(&plan, run.options.staging, run.options.limits, run.options.uid, run.options.gid,
	                        !run.options.drop, check_cancelled, &failure))
		done = report_failure(failure.step, failure.error, failure.detail);
	plan_free(&plan);
	return done;
}

/*
 * Copies the sandbox's output to Node. Node's end is a socket, and a socket cannot be opened again as /dev/stdout,
 * which builds do; so the sandbox writes to a pipe.
 */
static _Noreturn void relay_output(int from)
{
	static char bytes[1 << 16];
	for (;;) {
		ssize_t n = read(from, bytes, sizeof bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		for (ssize_t done = 0; done < n;) {
			ssize_t w = write(1, bytes + done, (size_t)(n - done));
			if (w > 0)
				done += w;
			else if (w < 0 && errno == EAGAIN)
				poll(&(struct pollfd){.fd = 1, .events = POLLOUT}, 1, -1);
			else if (w < 0 && errno != EINTR)
				_exit(1);
		}
	}
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
	/* Between here and bwrap's own --die-with-parent the supervisor may be killed too. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(output, 1) >= 0 && dup2(output, 2) >= 0 && dup2(stage, STAGE_SOCKET) >= 0) {
		fcntl(STAGE_SOCKET, F_SETFD, 0);
		execvp(run.options.bwrap, run.options.arguments);
	}
	int error = errno;
	if (write(broken, &error, sizeof error) < 0)
		_exit(126);
	_exit(127);
}

/* Moves a descriptor out of the way of the fixed numbers. */
static int move_up(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, 16);
	close(fd);
	return moved;
}

static bool start(void)
{
	int output[2], stage[2], broken[2];
	if (pipe2(output, O_CLOEXEC) != 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, stage) != 0 ||
	    pipe2(broken, O_CLOEXEC) != 0)
		return report_failure("descriptors", errno, "");
	for (int i = 0; i < 2; i++) {
		output[i] = move_up(output[i]);
		stage[i] = move_up(stage[i]);
		broken[i] = move_up(broken[i]);
	}
	/* /dev/stdout is opened by name with the rights of whoever the command runs as. */
	if (run.options.drop && fchown(output[1], run.options.uid, run.options.gid) != 0)
		return report_failure("descriptors", errno, "");
	run.relay = fork();
	if (run.relay == 0) {
		close(output[1]);
		close(run.options.control);
		close(run.options.events);
		close(stage[0]);
		close(stage[1]);
		/* Whoever reads the other end waits until the last writer is gone. */
		close(broken[0]);
		close(broken[1]);
		relay_output(output[0]);
	}
	run.bwrap = run.relay < 0 ? -1 : fork();
	if (run.bwrap == 0)
		become_bwrap(output[1], stage[1], broken[1]);
	int error = errno;
	close(output[0]);
	close(output[1]);
	close(stage[1]);
	close(broken[1]);
	run.stage = stage[0];
	if (run.bwrap < 0)
		return report_failure("fork", error, "");
	ssize_t n = read(broken[0], &error, sizeof error);
	close(broken[0]);
	return n <= 0 || report_failure("bwrap-exec", error, run.options.bwrap);
}

static void attach(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&run.listener, CMSG_DATA(c), sizeof run.listener);
	if (run.listener >= 0 && run.tracer)
		tracer_listen(run.tracer, run.listener);
}

/* One message of the stage, or the end of its socket, which after success means that the command runs. */
static void hear_stage(void)
{
	struct stage_message message = {0};
	struct iovec io = {.iov_base = &message, .iov_len = sizeof message};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
	ssize_t n = recvmsg(run.stage, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n == (ssize_t)sizeof message) {
		message.step[sizeof message.step - 1] = '\0';
		if (message.kind == 'E') {
			run.attached = false;
			report_failure(message.step, message.error, "");
		} else {
			run.attached = true;
			attach(&m);
		}
		return;
	}
	close(run.stage);
	run.stage = -1;
	if (run.attached && !run.reported) {
		run.started = true;
		stream_begin(&run.stream, FRAME_READY);
		stream_commit(&run.stream);
	}
}

static void kill_children(void)
{
	char name[64], text[4096];
	snprintf(name, sizeof name, "/proc/self/task/%d/children", (int)getpid());
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return;
	text[n] = '\0';
	for (char *at = text, *end; *at; at = end) {
		pid_t pid = (pid_t)strtol(at, &end, 10);
		if (end == at)
			return;
		if (pid > 0 && pid != run.relay)
			kill(pid, SIGKILL);
		while (*end == ' ')
			end++;
	}
}

/* Collects whoever has ended. Returns false when nobody is left but the relay. */
static bool reap(void)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == run.bwrap) {
			run.bwrap = 0;
			run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		} else if (pid == run.relay) {
			run.relay = 0;
		}
	}
	if (pid < 0)
		return false;
	/* As the subreaper we inherit what outlives bwrap. */
	if (run.bwrap == 0 || run.cancelled)
		kill_children();
	return true;
}

static void supervise(void)
{
	enum { SIGNALS, CONTROL, STAGE, LISTENER, COUNT };
	while (reap()) {
		struct pollfd fds[COUNT] = {
			[SIGNALS] = {.fd = run.signals, .events = POLLIN},
			[CONTROL] = {.fd = run.cancelled ? -1 : run.options.control, .events = POLLIN},
			[STAGE] = {.fd = run.stage, .events = POLLIN},
			[LISTENER] = {.fd = run.listener, .events = POLLIN},
		};
		for (;;) {
			int n = poll(fds, COUNT, stream_pending(&run.stream) ? FLUSH_MS : run.cancelled ? 50 : -1);
			if (n == 0) {
				stream_flush(&run.stream);
				if (run.cancelled)
					break;
				continue;
			}
			if (n < 0 || fds[SIGNALS].revents || fds[CONTROL].revents || fds[STAGE].revents)
				break;
			if ((fds[LISTENER].revents & POLLIN) && tracer_answer(run.tracer))
				continue;
			/* Hung up: no process is left under the filter. */
			fds[LISTENER].fd = run.listener = -1;
		}
		if (fds[STAGE].revents)
			hear_stage();
		if ((check_cancelled() || run.stream.broken) && run.bwrap > 0) {
			run.cancelled = true;
			kill(run.bwrap, SIGKILL);
		}
	}
}

/*
 * Why bwrap gave up before the stage ran: it says so in words on the output. What can be told exactly is told here:
 * whether a user namespace inside ours is allowed.
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

static bool parse_options(int argc, char **argv)
{
	enum { STAGING = 1, LIMITS, BWRAP, EVENTS, CONTROL, DROP, TRACE };
	static const struct option options[] = {
		{"staging", required_argument, NULL, STAGING}, {"limits", required_argument, NULL, LIMITS},
		{"bwrap", required_argument, NULL, BWRAP},     {"events", required_argument, NULL, EVENTS},
		{"control", required_argument, NULL, CONTROL}, {"drop-to", required_argument, NULL, DROP},
		{"trace", no_argument, NULL, TRACE},           {0},
	};
	run.options = (struct options){.bwrap = "bwrap", .events = -1, .control = -1};
	for (int option; (option = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
		if (option == STAGING)
			run.options.staging = optarg;
		else if (option == LIMITS)
			run.options.limits = optarg;
		else if (option == BWRAP)
			run.options.bwrap = optarg;
		else if (option == EVENTS)
			run.options.events = atoi(optarg);
		else if (option == CONTROL)
			run.options.control = atoi(optarg);
		else if (option == DROP && parse_identity(optarg, &run.options.uid, &run.options.gid))
			run.options.drop = true;
		else if (option == TRACE)
			run.options.trace = true;
		else
			return false;
	}
	/* argv[optind - 1] is "--": it becomes bwrap's argv[0]. */
	if (optind >= argc || optind < 2 || !run.options.staging || run.options.events < 3 || run.options.control < 3)
		return false;
	run.options.arguments = argv + optind - 1;
	run.options.arguments[0] = (char *)"bwrap";
	return !run.options.drop || run.options.uid != 0;
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
	run.options.events = move_up(run.options.events);
	run.options.control = move_up(run.options.control);
	run.stage = run.listener = -1;
	run.signals = signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
	if (run.signals < 0 || run.options.events < 0 || run.options.control < 0)
		return false;
	run.signals = move_up(run.signals);
	int flags = fcntl(run.options.events, F_GETFL);
	fcntl(run.options.events, F_SETFL, flags | O_NONBLOCK);
	stream_open(&run.stream, run.options.events, check_cancelled);
	return true;
}

int run_main(int argc, char **argv)
{
	if (!parse_options(argc, argv) || !prepare())
		return 64;
	bool going = make_view();
	if (going && run.options.trace && !(run.tracer = tracer_open(&run.stream)))
		going = report_failure("seccomp", errno, "");
	if (going)
		going = start();
	if (run.bwrap > 0)
		supervise();
	if (going && !run.started && !run.cancelled && !run.reported)
		explain_bwrap();
	if (!run.reported && !run.cancelled) {
		stream_begin(&run.stream, FRAME_END);
		stream_u32(&run.stream, (uint32_t)run.status);
		stream_commit(&run.stream);
	}
	stream_flush(&run.stream);
	tracer_close(run.tracer);
	return 0;
}
