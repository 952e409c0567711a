/*
 * One attempt with all capabilities of a new user namespace. Exit status 0: it succeeded; 1: it failed; 2: no such
 * namespace could be made. The process maps no user, because user 0 without capabilities may not map itself (user_namespaces(7)), and has
 * every capability nevertheless until it executes another program.
 *
 *     namespace writable PATH · detach PATH · proc PID · sysfs · root PATH · node · descriptor PATH
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static int can_create(const char *folder)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/made-in-a-namespace", folder);
	return open(path, O_CREAT | O_WRONLY, 0644) >= 0;
}

static int make_writable(const char *path)
{
	struct {
		unsigned long long set, clear, propagation, userns;
	} attributes = {.clear = 1 /* MOUNT_ATTR_RDONLY */};
	return (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL) == 0 && can_create(path)) ||
	       (mount(NULL, path, NULL, MS_REMOUNT, NULL) == 0 && can_create(path)) ||
	       (syscall(442 /* mount_setattr */, AT_FDCWD, path, 0, &attributes, sizeof attributes) == 0 && can_create(path)) ||
	       (mount(path, "/tmp", NULL, MS_BIND | MS_REC, NULL) == 0 && mount(NULL, "/tmp", NULL, MS_REMOUNT | MS_BIND, NULL) == 0 &&
	        can_create("/tmp"));
}

/* A fresh /proc shows the processes of the PID namespace of the process that mounts it. */
static int sees_process(const char *pid)
{
	char path[4096];
	if (unshare(CLONE_NEWPID) != 0)
		return 0;
	pid_t child = fork();
	if (child == 0) {
		snprintf(path, sizeof path, "/tmp/%s", pid);
		_exit(mount("proc", "/tmp", "proc", 0, NULL) != 0 || access(path, F_OK) != 0);
	}
	int status;
	return waitpid(child, &status, 0) == child && status == 0;
}

static int reaches_root(const char *path)
{
	if (mkdir("/tmp/new", 0755) != 0 || mount("/", "/tmp/new", NULL, MS_BIND | MS_REC, NULL) != 0)
		return 0;
	if (chdir("/tmp/new") != 0 || syscall(SYS_pivot_root, ".", ".") != 0)
		return 0;
	umount2(".", MNT_DETACH);
	/* The usual escape from a chroot: a working folder outside the root, and up. */
	if (mkdir("/tmp/deeper", 0755) == 0 && chroot("/tmp/deeper") == 0)
		for (int i = 0; i < 64; i++)
			if (chdir("..") != 0)
				break;
	return chroot(".") == 0 && access(path, F_OK) == 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "", *first = argc > 2 ? argv[2] : "";
	int done = 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) != 0)
		return 2;
	mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (!strcmp(what, "works"))
		done = mount("none", "/tmp", "tmpfs", 0, NULL) == 0;
	else if (!strcmp(what, "writable"))
		done = make_writable(first);
	else if (!strcmp(what, "detach"))
		done = umount2(first, MNT_DETACH) == 0;
	else if (!strcmp(what, "proc"))
		done = sees_process(first);
	else if (!strcmp(what, "sysfs"))
		done = mount("sysfs", "/tmp", "sysfs", 0, NULL) == 0;
	else if (!strcmp(what, "cgroup"))
		done = mount("cgroup2", "/tmp", "cgroup2", 0, NULL) == 0 && access("/tmp/cgroup.controllers", F_OK) == 0;
	else if (!strcmp(what, "root"))
		done = reaches_root(first);
	else if (!strcmp(what, "node"))
		done = mount("none", "/tmp", "tmpfs", 0, NULL) == 0 && mknod("/tmp/disk", S_IFBLK | 0600, makedev(254, 0)) == 0 &&
		       open("/tmp/disk", O_RDONLY) >= 0;
	else if (!strcmp(what, "join"))
		done = setns(open("/proc/1/ns/mnt", O_RDONLY), 0) == 0 || setns(open("/proc/1/ns/user", O_RDONLY), 0) == 0;
	return !done;
}
