/*
 * The inner stage: the first program inside the sandbox. It gives up what power is left, attaches the filter, hands the
 * listener to the supervisor outside, and becomes the command.
 */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Sends a message, with a descriptor when `fd` is not negative. */
static bool tell(int socket, char kind, const char *step, int error, int fd)
{
	struct stage_message message = {.kind = kind, .error = error};
	snprintf(message.step, sizeof message.step, "%s", step);
	struct iovec io = {.iov_base = &message, .iov_len = sizeof message};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
	if (fd >= 0) {
		m.msg_control = control.bytes;
		m.msg_controllen = sizeof control.bytes;
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	return sendmsg(socket, &m, MSG_NOSIGNAL) == (ssize_t)sizeof message;
}

static _Noreturn void give_up(int socket, const char *step)
{
	tell(socket, 'E', step, errno, -1);
	_exit(125);
}

static bool write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = write(fd, text, strlen(text));
	int saved = errno;
	close(fd);
	errno = saved;
	return n == (ssize_t)strlen(text);
}

/* Runs in a child that still has root's power: writes the map of the parent's new user namespace. */
static int write_maps(pid_t pid, uid_t uid, gid_t gid)
{
	char name[64], map[64];
	snprintf(name, sizeof name, "/proc/%d/uid_map", (int)pid);
	snprintf(map, sizeof map, "0 %u 1\n", (unsigned)uid);
	if (!write_file(name, map))
		return errno;
	snprintf(name, sizeof name, "/proc/%d/gid_map", (int)pid);
	snprintf(map, sizeof map, "0 %u 1\n", (unsigned)gid);
	return write_file(name, map) ? 0 : errno;
}

/*
 * Root becomes uid 0 of a user namespace whose uid 0 is the powerless `uid` outside. A child writes the map, because the
 * namespace's creator has no power over its parent any more.
 */
static void drop_to(int socket, uid_t uid, gid_t gid)
{
	int ready[2];
	pid_t self = getpid();
	if (pipe2(ready, O_CLOEXEC) != 0)
		give_up(socket, "drop-root");
	pid_t child = fork();
	if (child < 0)
		give_up(socket, "drop-root");
	if (child == 0) {
		char go;
		close(ready[1]);
		_exit(read(ready[0], &go, 1) == 1 ? write_maps(self, uid, gid) : 0);
	}
	close(ready[0]);
	if (unshare(CLONE_NEWUSER) != 0)
		give_up(socket, "user-namespace");
	int status;
	if (write(ready[1], "x", 1) != 1 || waitpid(child, &status, 0) != child)
		give_up(socket, "drop-root");
	close(ready[1]);
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	if (errno != 0)
		give_up(socket, "id-map");
	if (setgroups(0, NULL) != 0 || setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0)
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

int stage_main(int argc, char **argv)
{
	enum { SOCKET = 1, DROP, TRACE, UNSET, CHDIR };
	static const struct option options[] = {
		{"socket", required_argument, NULL, SOCKET},
		{"drop-to", required_argument, NULL, DROP},
		{"trace", no_argument, NULL, TRACE},
		{"unset", required_argument, NULL, UNSET},
		{"chdir", required_argument, NULL, CHDIR},
		{0},
	};
	int socket = -1, option;
	bool drop = false, trace = false;
	uid_t uid = 0;
	gid_t gid = 0;
	const char *folder = "/";
	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (option == SOCKET)
			socket = atoi(optarg);
		else if (option == DROP && parse_identity(optarg, &uid, &gid))
			drop = true;
		else if (option == TRACE)
			trace = true;
		else if (option == UNSET)
			unsetenv(optarg);
		else if (option == CHDIR)
			folder = optarg;
		else
			return 64;
	}
	if (socket < 3 || optind >= argc || fcntl(socket, F_SETFD, FD_CLOEXEC) != 0)
		return 64;

	if (drop)
		drop_to(socket, uid, gid);
	drop_capabilities(socket);
	/* Only now: the folder may be closed to everyone but the user that the command runs as. */
	if (chdir(folder) != 0)
		give_up(socket, "working-folder");
	umask(022);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});

	int listener = -1;
	if (trace) {
		listener = install_filter();
		if (listener < 0)
			give_up(socket, "seccomp");
	}
	bool heard = tell(socket, trace ? 'L' : 'R', "", 0, listener);
	/* Before anything that the filter stops, leaving included: with our own copy open we would wait for ourselves. */
	if (listener >= 0)
		close(listener);
	/* The supervisor is gone, perhaps before bubblewrap could tie its life to it. */
	if (!heard)
		_exit(125);
	execvp(argv[optind], argv + optind);
	give_up(socket, "command");
}
