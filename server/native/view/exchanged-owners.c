/*
 * Lets the powerless user write to root's folders. An id-mapped mount exchanges the two where the file system can do it, else the files
 * are given away. Binds and layered folders both need it.
 */
#include "view/exchanged-owners.h"

#include "base/cleanup.h"
#include "base/open.h"
#include "base/text-file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
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
	return write_text(name, map);
}

/* Writes a map of all numbers. A namespace that does not have all of them gets one of the two that are exchanged. */
static bool write_either_map(pid_t pid, const char *file, unsigned from)
{
	return write_map(pid, file, from, true) || write_map(pid, file, from, false);
}

bool changes_hands(const struct view *v)
{
	return !v->in_user_namespace && v->owner.uid != 0;
}

/* The namespace lives as long as the descriptor, though the process that made it is killed at once. */
int exchange_namespace(const struct identity *with)
{
	AUTO_CLOSE int reading = -1;
	AUTO_CLOSE int writing = -1;
	if (!open_pipe(&reading, &writing, 0))
		return -1;
	pid_t child = fork();
	if (child == 0) {
		if (unshare(CLONE_NEWUSER) != 0 || write(writing, "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close_descriptor(&writing);
	char name[64], go;
	int fd = -1;
	if (child > 0 && read(reading, &go, 1) == 1 && write_either_map(child, "uid_map", with->uid) &&
	    write_either_map(child, "gid_map", with->gid)) {
		snprintf(name, sizeof name, "/proc/%d/ns/user", (int)child);
		fd = open(name, O_RDONLY | O_CLOEXEC);
	}
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	return fd;
}

bool bind_exchanged(const char *source, const char *place, int names)
{
	AUTO_CLOSE int tree = (int)syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)names};
	return tree >= 0 && names >= 0 &&
	       syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0 &&
	       syscall(SYS_move_mount, tree, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

/* nftw(3) calls back without a context. */
static struct identity new_owner;

static int give_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return lchown(path, new_owner.uid, new_owner.gid) == 0 ? 0 : errno;
}

bool give_tree(const char *path, const struct identity *to)
{
	new_owner = *to;
	int error = nftw(path, give_one, 64, FTW_PHYS);
	if (error > 0)
		errno = error;
	return error == 0;
}
