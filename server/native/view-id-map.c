/* Folders of root's that an unprivileged user is to own: shown to it under another name, or given away. */
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool write_map(pid_t pid, const char *file, unsigned from, bool whole)
{
	char name[64], map[256];
	snprintf(name, sizeof name, "/proc/%d/%s", (int)pid, file);
	if (whole)
		snprintf(map, sizeof map, "0 %u 1\n1 1 %u\n%u 0 1\n%u %u %u\n", from, from - 1, from, from + 1, from + 1,
		         UINT32_MAX - (from + 1));
	else
		snprintf(map, sizeof map, "0 %u 1\n%u 0 1\n", from, from);
	int fd = open(name, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool done = write(fd, map, strlen(map)) == (ssize_t)strlen(map);
	close(fd);
	return done;
}

/* A namespace lives as long as a descriptor of it. */
int exchange_namespace(uid_t uid, gid_t gid)
{
	int ready[2];
	if (pipe2(ready, O_CLOEXEC) != 0)
		return -1;
	pid_t child = fork();
	if (child == 0) {
		if (unshare(CLONE_NEWUSER) != 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	char name[64], go;
	int fd = -1;
	if (child > 0 && read(ready[0], &go, 1) == 1 &&
	    (write_map(child, "uid_map", uid, true) || write_map(child, "uid_map", uid, false)) &&
	    (write_map(child, "gid_map", gid, true) || write_map(child, "gid_map", gid, false))) {
		snprintf(name, sizeof name, "/proc/%d/ns/user", (int)child);
		fd = open(name, O_RDONLY | O_CLOEXEC);
	}
	close(ready[0]);
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	return fd;
}

bool bind_exchanged(const char *source, const char *place, int names)
{
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)names};
	bool done = tree >= 0 && names >= 0 &&
	            syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0 &&
	            syscall(SYS_move_mount, tree, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH) == 0;
	if (tree >= 0)
		close(tree);
	return done;
}

static uid_t new_owner;
static gid_t new_group;

static int give_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return lchown(path, new_owner, new_group) == 0 ? 0 : errno;
}

bool give_tree(const char *path, uid_t uid, gid_t gid)
{
	new_owner = uid;
	new_group = gid;
	int error = nftw(path, give_one, 64, FTW_PHYS);
	if (error > 0)
		errno = error;
	return error == 0;
}
