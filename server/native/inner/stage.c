/*
 * The first program inside the sandbox. It gives up what power is left, attaches the filter, hands the listener to the supervisor
 * outside, and becomes the command.
 */
#include "inner/stage.h"

#include "base/cleanup.h"
#include "base/handover.h"
#include "base/identity.h"
#include "base/open.h"
#include "base/text-file.h"
#include "inner/fence.h"
#include "inner/giving.h"
#include "trace/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void give_up(int socket, const char *step)
{
	struct handover handover = {.kind = 'E', .error = errno, .fds = {-1, -1, -1}};
	snprintf(handover.step, sizeof handover.step, "%s", step);
	handover_send(socket, &handover, 0);
	_exit(125);
}

/* Writes the map of the parent's new user namespace, in which the user has the number `shown`. It runs in a child that still has root's power. */
static int write_maps(pid_t pid, const struct identity *to, unsigned shown)
{
	char name[64], map[64];
	snprintf(name, sizeof name, "/proc/%d/uid_map", (int)pid);
	snprintf(map, sizeof map, "%u %u 1\n", shown, (unsigned)to->uid);
	if (!write_text(name, map))
		return errno;
	snprintf(name, sizeof name, "/proc/%d/gid_map", (int)pid);
	snprintf(map, sizeof map, "%u %u 1\n", shown, (unsigned)to->gid);
	return write_text(name, map) ? 0 : errno;
}

/*
 * Root becomes a user of a user namespace, uid 0 or another one, that is a powerless user outside. A child writes the map, because the
 * namespace's creator has no power over its parent any more.
 */
static void drop_to(int socket, const struct identity *to, unsigned shown)
{
	AUTO_CLOSE int reading = -1;
	AUTO_CLOSE int writing = -1;
	pid_t self = getpid();
	if (!open_pipe(&reading, &writing, 0))
		give_up(socket, "drop-root");
	pid_t child = fork();
	if (child < 0)
		give_up(socket, "drop-root");
	if (child == 0) {
		char go;
		close_descriptor(&writing);
		_exit(read(reading, &go, 1) == 1 ? write_maps(self, to, shown) : 0);
	}
	close_descriptor(&reading);
	if (unshare(CLONE_NEWUSER) != 0)
		give_up(socket, "user-namespace");
	int status;
	if (write(writing, "x", 1) != 1 || waitpid(child, &status, 0) != child)
		give_up(socket, "drop-root");
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	if (errno != 0)
		give_up(socket, "id-map");
	if (setgroups(0, NULL) != 0 || setresgid(shown, shown, shown) != 0 || setresuid(shown, shown, shown) != 0)
		give_up(socket, "drop-root");
}

static void drop_capabilities(int socket)
{
	for (unsigned long capability = 0; capability < 64; capability++)
		if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1 && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
			give_up(socket, "drop-capabilities");
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};
	if (syscall(SYS_capset, &header, none) != 0)
		give_up(socket, "drop-capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		give_up(socket, "drop-capabilities");
}

/*
 * Leaves our caller's session keyring, with which the command would have the caller's keys (session-keyring(7)). Keys are bound to
 * no namespace that bubblewrap unshares. A kernel without CONFIG_KEYS has none to leave.
 */
static void leave_keyring(int socket)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		give_up(socket, "keyring");
}

struct stage_options {
	int socket;
	bool drop, trace;
	struct identity identity;
	/* The number of the user and the group that the command believes to be. */
	unsigned shown;
	const char *folder;
	char **command;
};

static bool parse_options(int argc, char **argv, struct stage_options *out)
{
	enum { SOCKET = 1, DROP, SHOWN, TRACE, UNSET, CHDIR };
	static const struct option known[] = {
		{"socket", required_argument, NULL, SOCKET},
		{"drop-to", required_argument, NULL, DROP},
		{"shown-as", required_argument, NULL, SHOWN},
		{"trace", no_argument, NULL, TRACE},
		{"unset", required_argument, NULL, UNSET},
		{"chdir", required_argument, NULL, CHDIR},
		{0},
	};
	*out = (struct stage_options){.socket = -1, .folder = "/"};
	for (int option; (option = getopt_long(argc, argv, "+", known, NULL)) != -1;) {
		if (option == SOCKET)
			out->socket = atoi(optarg);
		else if (option == DROP && parse_identity(optarg, &out->identity))
			out->drop = true;
		else if (option == SHOWN)
			out->shown = (unsigned)atoi(optarg);
		else if (option == TRACE)
			out->trace = true;
		else if (option == UNSET)
			unsetenv(optarg);
		else if (option == CHDIR)
			out->folder = optarg;
		else
			return false;
	}
	out->command = argv + optind;
	return out->socket >= 3 && optind < argc && fcntl(out->socket, F_SETFD, FD_CLOEXEC) == 0;
}

/* Puts up the fence and the filter. Its listener goes to the supervisor, together with what the watcher needs. */
static void hand_over(int socket, bool trace)
{
	AUTO_CLOSE int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int segments = open("/proc/sysvipc/shm", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int listener = -1;
	if (!install_fence() || !install_giving())
		give_up(socket, "seccomp");
	uint32_t pass = 0;
	if (trace) {
		if (getrandom(&pass, sizeof pass, 0) != sizeof pass)
			give_up(socket, "seccomp");
		/* Others send with 0 there. */
		pass |= 1;
		listener = install_filter(pass);
		if (listener < 0)
			give_up(socket, "seccomp");
	}
	struct handover handover = {
		.kind = 'R', .fds = {[HANDED_LISTENER] = listener, [HANDED_PROC] = proc, [HANDED_SEGMENTS] = segments}};
	bool heard = handover_send(socket, &handover, pass);
	/* This comes before any call that the filter stops, such as leaving. With our own copy open we would wait for ourselves. */
	close_descriptor(&listener);
	/* The supervisor is gone, perhaps before bubblewrap could tie its life to it. */
	if (!heard)
		_exit(125);
}

int stage_main(int argc, char **argv)
{
	struct stage_options options;
	if (!parse_options(argc, argv, &options))
		return 64;
	int socket = options.socket;
	if (options.drop)
		drop_to(socket, &options.identity, options.shown);
	drop_capabilities(socket);
	leave_keyring(socket);
	/* This comes so late because the folder may be closed to everyone but the user that the command runs as. */
	if (chdir(options.folder) != 0)
		give_up(socket, "working-folder");
	umask(022);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	hand_over(socket, options.trace);
	execvp(options.command[0], options.command);
	give_up(socket, "command");
}
