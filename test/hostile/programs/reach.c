/*
 * One attempt to reach something outside the sandbox that a shell cannot make. Exit status 0: reached; 1: not.
 *
 *     reach tcp|tcp6|udp PORT · abstract NAME · path-socket PATH · vsock · raw-socket
 *     reach signal|ptrace|pidfd PID · read-memory|write-memory PID ADDRESS TEXT · shared-memory KEY TEXT · key NAME TEXT
 *     reach call NAME
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEY_SPEC_SESSION_KEYRING -3
#define KEY_SPEC_USER_KEYRING -4
#define KEY_SPEC_USER_SESSION_KEYRING -5
#define KEYCTL_SEARCH 10
#define KEYCTL_READ 11

/* Whether the other end answers with "reached". */
static int answers(int fd, const void *address, socklen_t length)
{
	struct timeval patience = {.tv_sec = 2};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	char text[16] = {0};
	if (fd < 0 || connect(fd, address, length) != 0 || send(fd, "hello", 5, MSG_NOSIGNAL) != 5)
		return 0;
	return recv(fd, text, sizeof text - 1, 0) > 0 && strcmp(text, "reached") == 0;
}

static int reach_port(int type, int port, int six)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 other = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(six ? AF_INET6 : AF_INET, type, 0);
	return six ? answers(fd, &other, sizeof other) : answers(fd, &four, sizeof four);
}

static int reach_unix(const char *name, int abstract)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(name);
	memcpy(address.sun_path + abstract, name, length);
	size_t used = offsetof(struct sockaddr_un, sun_path) + (size_t)abstract + length;
	/* Some servers treat the zeros after an abstract name as part of it. */
	return answers(socket(AF_UNIX, SOCK_STREAM, 0), &address, (socklen_t)used) ||
	       (abstract && answers(socket(AF_UNIX, SOCK_STREAM, 0), &address, sizeof address));
}

static int reach_memory(int pid, const char *address, const char *text, int writing)
{
	char bytes[256] = {0};
	size_t length = strlen(text);
	struct iovec local = {bytes, length}, remote = {(void *)strtoul(address, NULL, 16), length};
	if (writing) {
		memcpy(bytes, text, length);
		return process_vm_writev(pid, &local, 1, &remote, 1, 0) == (ssize_t)length;
	}
	return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)length && strcmp(bytes, text) == 0;
}

static int reach_trace(int pid)
{
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) != 0)
		return 0;
	waitpid(pid, NULL, __WALL);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return 1;
}

static int reach_shared(const char *key, const char *text)
{
	int segment = shmget((key_t)strtoul(key, NULL, 16), 0, 0);
	char *shared = segment < 0 ? (char *)-1 : shmat(segment, NULL, SHM_RDONLY);
	return shared != (char *)-1 && strcmp(shared, text) == 0;
}

static int reach_key(const char *name, const char *text)
{
	static const int rings[] = {KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_KEYRING, KEY_SPEC_USER_SESSION_KEYRING};
	for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
		char bytes[256] = {0};
		long key = syscall(SYS_keyctl, KEYCTL_SEARCH, rings[i], "user", name, 0);
		if (key > 0 && syscall(SYS_keyctl, KEYCTL_READ, key, bytes, sizeof bytes - 1) > 0 && strcmp(bytes, text) == 0)
			return 1;
	}
	return 0;
}

/* Calls that need a capability that no build needs. Each would change almost nothing if it were allowed. */
static int call(const char *name)
{
	struct timeval now;
	if (!strcmp(name, "reboot"))
		return reboot(LINUX_REBOOT_CMD_CAD_OFF) == 0;
	if (!strcmp(name, "mknod"))
		return mknod("null", S_IFCHR | 0666, makedev(1, 3)) == 0;
	if (!strcmp(name, "disk-node"))
		return mknod("disk", S_IFBLK | 0666, makedev(254, 0)) == 0;
	if (!strcmp(name, "mount"))
		return mount("none", "/tmp", "tmpfs", 0, NULL) == 0;
	if (!strcmp(name, "chroot"))
		return chroot("/") == 0;
	if (!strcmp(name, "hostname"))
		return sethostname("hostile", 7) == 0;
	if (!strcmp(name, "clock"))
		return gettimeofday(&now, NULL) == 0 && settimeofday(&now, NULL) == 0;
	if (!strcmp(name, "swapoff"))
		return swapoff("/nowhere") == 0 || errno != EPERM;
	if (!strcmp(name, "module"))
		return syscall(SYS_init_module, "x", 1, "") == 0 || (errno != EPERM && errno != ENOSYS);
	if (!strcmp(name, "kernel-log"))
		return klogctl(5, NULL, 0) == 0; /* clears the ring buffer's mark only */
	if (!strcmp(name, "join-namespace"))
		return setns(open("/proc/1/ns/mnt", O_RDONLY), 0) == 0;
	if (!strcmp(name, "nice"))
		return setpriority(0, 0, -5) == 0;
	if (!strcmp(name, "open-by-handle")) {
		struct {
			struct file_handle handle;
			unsigned char bytes[64];
		} handle = {.handle = {.handle_bytes = 64}};
		int mount_id;
		if (name_to_handle_at(AT_FDCWD, "/", &handle.handle, &mount_id, 0) != 0)
			handle.handle = (struct file_handle){.handle_bytes = 8, .handle_type = 1};
		return open_by_handle_at(open("/", O_RDONLY), &handle.handle, O_RDONLY) >= 0 || errno != EPERM;
	}
	if (!strcmp(name, "terminal-input")) {
		int fd = open("/dev/tty", O_RDWR);
		return fd >= 0;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const char *first = argc > 2 ? argv[2] : "", *second = argc > 3 ? argv[3] : "", *third = argc > 4 ? argv[4] : "";
	int number = atoi(first), reached = 0;
	if (!strcmp(what, "tcp") || !strcmp(what, "tcp6"))
		reached = reach_port(SOCK_STREAM, number, what[3] == '6');
	else if (!strcmp(what, "udp"))
		reached = reach_port(SOCK_DGRAM, number, 0);
	else if (!strcmp(what, "abstract") || !strcmp(what, "path-socket"))
		reached = reach_unix(first, what[0] == 'a');
	else if (!strcmp(what, "raw-socket"))
		reached = socket(AF_PACKET, SOCK_RAW, htons(3)) >= 0;
	else if (!strcmp(what, "vsock"))
		reached = socket(AF_VSOCK, SOCK_STREAM, 0) >= 0;
	else if (!strcmp(what, "kernel-cipher"))
		reached = socket(AF_ALG, SOCK_SEQPACKET, 0) >= 0;
	else if (!strcmp(what, "signal"))
		reached = kill(number, 0) == 0 && kill(number, SIGKILL) == 0;
	else if (!strcmp(what, "pidfd"))
		reached = syscall(SYS_pidfd_open, number, 0) >= 0;
	else if (!strcmp(what, "ptrace"))
		reached = reach_trace(number);
	else if (!strcmp(what, "read-memory") || !strcmp(what, "write-memory"))
		reached = reach_memory(number, second, third, what[0] == 'w');
	else if (!strcmp(what, "shared-memory"))
		reached = reach_shared(first, second);
	else if (!strcmp(what, "key"))
		reached = reach_key(first, second);
	else if (!strcmp(what, "call"))
		reached = call(first);
	else
		return 64;
	return !reached;
}
