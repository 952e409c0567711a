/*
 * The view: overlays with whiteouts, scratch folders, and writable folders handed to the sandbox's user.
 *
 * Everything is mounted below one tmpfs on the staging folder, in a mount namespace that dies with the helper:
 * layer/N holds the whiteouts of overlay N, mnt/N shows it, scratch/N and bind/N are what their names say.
 */
#include "native.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* From sys/mount.h, which cannot be included together with linux/mount.h in every libc. */
extern int mount(const char *, const char *, const char *, unsigned long, const void *);

struct view {
	const char *staging;
	uid_t owner;
	gid_t group;
	bool in_user_namespace;
	bool (*cancelled)(void);
	struct failure *failure;
	unsigned overlays, scratches, binds;
	/* The overlay that is being built. */
	const char *source;
	int source_fd, layer_fd;
	char parents[PATH_BYTES];
};

bool fail(struct failure *failure, const char *step, int error, const char *detail)
{
	failure->step = step;
	failure->error = error;
	snprintf(failure->detail, sizeof failure->detail, "%s", detail);
	return false;
}

bool is_inner_path(const char *path)
{
	size_t length = strlen(path);
	if (length == 0 || length >= PATH_BYTES)
		return false;
	for (const char *at = path;; at++) {
		size_t n = strcspn(at, "/");
		if (n == 0 || (n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.'))
			return false;
		at += n;
		if (*at == '\0')
			return true;
	}
}

static bool is_folder(int fd, const char *path)
{
	struct stat st;
	return fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static bool is_whiteout(int fd, const char *path)
{
	struct stat st;
	return fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == 0;
}

static bool put_whiteout(int layer, const char *path)
{
	return mknodat(layer, path, S_IFCHR | 0600, makedev(0, 0)) == 0 || errno == EEXIST;
}

enum parents { PARENTS_MADE, PARENTS_HIDDEN, PARENTS_NONE, PARENTS_FAILED };

/*
 * Makes the folders above `path` in the layer, like those of the source. PARENTS_NONE: the source has no such folder;
 * PARENTS_HIDDEN: one of them is hidden already. errno is set for PARENTS_FAILED.
 */
static enum parents make_parents(struct view *v, const char *path)
{
	char prefix[PATH_BYTES];
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;
	if (length == strlen(v->parents) && memcmp(v->parents, path, length) == 0)
		return PARENTS_MADE;
	memcpy(prefix, path, length);
	prefix[length] = '\0';
	for (size_t i = 1; i <= length; i++) {
		struct stat st;
		if (i < length && path[i] != '/')
			continue;
		prefix[i] = '\0';
		if (!is_folder(v->layer_fd, prefix)) {
			if (is_whiteout(v->layer_fd, prefix))
				return PARENTS_HIDDEN;
			if (fstatat(v->source_fd, prefix, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode))
				return PARENTS_NONE;
			if (mkdirat(v->layer_fd, prefix, 0755) != 0 || fchmodat(v->layer_fd, prefix, st.st_mode & 01777, 0) != 0)
				return PARENTS_FAILED;
		}
		if (i < length)
			prefix[i] = path[i];
	}
	memcpy(v->parents, path, length);
	v->parents[length] = '\0';
	return PARENTS_MADE;
}

/*
 * A path that goes through a symbolic link of the source is rewritten to what it means, if that is still in the source.
 */
static bool resolve_parents(const struct view *v, const char *path, char out[PATH_BYTES])
{
	char whole[2 * PATH_BYTES], real[PATH_MAX];
	const char *slash = strrchr(path, '/');
	if (!slash)
		return false;
	snprintf(whole, sizeof whole, "%s/%.*s", v->source, (int)(slash - path), path);
	size_t length = strlen(v->source);
	if (!realpath(whole, real) || strncmp(real, v->source, length) != 0)
		return false;
	if (real[length] == '\0')
		return snprintf(out, PATH_BYTES, "%s", slash + 1) < PATH_BYTES;
	if (real[length] != '/')
		return false;
	return snprintf(out, PATH_BYTES, "%s%s", real + length + 1, slash) < PATH_BYTES;
}

static bool hide(struct view *v, const char *path)
{
	if (!is_inner_path(path))
		return fail(v->failure, "view", EINVAL, path);
	char resolved[PATH_BYTES];
	enum parents parents = make_parents(v, path);
	if (parents == PARENTS_NONE && resolve_parents(v, path, resolved)) {
		path = resolved;
		parents = make_parents(v, path);
	}
	/* What the source does not have needs no hiding. */
	if (parents == PARENTS_NONE || parents == PARENTS_HIDDEN)
		return true;
	if (parents == PARENTS_FAILED || !put_whiteout(v->layer_fd, path))
		return fail(v->failure, "whiteout", errno, path);
	return true;
}

/* Replaces the whiteout of a folder by a folder in which everything is hidden, so that something can be mounted inside. */
static bool open_hidden_folder(struct view *v, const char *path)
{
	if (unlinkat(v->layer_fd, path, 0) != 0 || mkdirat(v->layer_fd, path, 0755) != 0)
		return false;
	int source = openat(v->source_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (source < 0)
		return true;
	int layer = openat(v->layer_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fdopendir(source);
	bool done = layer >= 0 && entries;
	for (const struct dirent *e; done && (e = readdir(entries));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			done = put_whiteout(layer, e->d_name);
	if (entries)
		closedir(entries);
	else
		close(source);
	if (layer >= 0)
		close(layer);
	return done;
}

/* Makes `path` exist in the overlay, as a folder or an empty file, for something that will be mounted over it. */
static bool make_mount_point(struct view *v, const char *path, const char *of)
{
	struct stat st;
	if (!is_inner_path(path))
		return fail(v->failure, "view", EINVAL, path);
	if (*of && stat(of, &st) != 0)
		return fail(v->failure, "bind", errno, of);
	bool folder = !*of || S_ISDIR(st.st_mode);
	char prefix[PATH_BYTES], resolved[PATH_BYTES];
	if (resolve_parents(v, path, resolved))
		path = resolved;
	size_t length = strlen(path);
	memcpy(prefix, path, length + 1);
	for (size_t i = 1; i <= length; i++) {
		if (i < length && path[i] != '/')
			continue;
		prefix[i] = '\0';
		bool last = i == length;
		bool done = true;
		if (is_whiteout(v->layer_fd, prefix)) {
			if (last && !folder)
				done = unlinkat(v->layer_fd, prefix, 0) == 0;
			else
				done = open_hidden_folder(v, prefix);
		}
		if (done && last && !folder) {
			int fd = openat(v->layer_fd, prefix, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
			done = fd >= 0;
			if (done)
				close(fd);
		} else if (done && !is_folder(v->layer_fd, prefix)) {
			mode_t mode = fstatat(v->source_fd, prefix, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) ? st.st_mode & 01777 : 0755;
			done = mkdirat(v->layer_fd, prefix, 0755) == 0 && fchmodat(v->layer_fd, prefix, mode, 0) == 0;
		}
		if (!done)
			return fail(v->failure, "whiteout", errno, path);
		if (!last)
			prefix[i] = '/';
	}
	v->parents[0] = '\0';
	return true;
}

/* Names a new folder "<staging>/<kind>/<number>" and makes it. */
static bool make_place(struct view *v, const char *kind, unsigned number, char out[PATH_BYTES])
{
	if (snprintf(out, PATH_BYTES, "%s/%s/%u", v->staging, kind, number) >= PATH_BYTES)
		return fail(v->failure, "staging", ENAMETOOLONG, v->staging);
	return mkdir(out, 0755) == 0 || fail(v->failure, "staging", errno, out);
}

static bool begin_overlay(struct view *v, const char *source)
{
	char layer[PATH_BYTES];
	struct stat st;
	if (!make_place(v, "layer", v->overlays, layer))
		return false;
	v->source = source;
	v->parents[0] = '\0';
	v->source_fd = open(source, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (v->source_fd < 0 || fstat(v->source_fd, &st) != 0)
		return fail(v->failure, "source", errno, source);
	v->layer_fd = open(layer, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (v->layer_fd < 0 || fchmod(v->layer_fd, st.st_mode & 01777) != 0)
		return fail(v->failure, "staging", errno, layer);
	return true;
}

static bool mount_overlay(struct view *v)
{
	char place[PATH_BYTES], data[128];
	if (!make_place(v, "mnt", v->overlays, place))
		return false;
	/* The layers are named by descriptor: no path has to be escaped, and none can change in between. */
	snprintf(data, sizeof data, "%slowerdir=/proc/self/fd/%d:/proc/self/fd/%d", v->in_user_namespace ? "userxattr," : "",
	         v->layer_fd, v->source_fd);
	if (mount("overlay", place, "overlay", 1 /* MS_RDONLY */, data) != 0)
		return fail(v->failure, "overlay", errno, v->source);
	close(v->layer_fd);
	close(v->source_fd);
	v->source = NULL;
	v->overlays++;
	return true;
}

static bool make_scratch(struct view *v, const char *mode)
{
	char place[PATH_BYTES];
	if (!make_place(v, "scratch", v->scratches++, place))
		return false;
	if (chown(place, v->owner, v->group) != 0 || chmod(place, (mode_t)strtoul(mode, NULL, 8) & 01777) != 0)
		return fail(v->failure, "staging", errno, place);
	return true;
}

/* ---- writable folders, when root gives them to an unprivileged user ---- */

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

/* A user namespace whose map exchanges root and `uid`; a namespace lives as long as a descriptor of it. */
static int exchange_namespace(uid_t uid, gid_t gid)
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

/* Shows `source` at `place` with the owners exchanged, so that files stay root's on disk. Linux 5.12, most file systems. */
static bool bind_exchanged(const char *source, const char *place, uid_t uid, gid_t gid)
{
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	int names = exchange_namespace(uid, gid);
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)names};
	bool done = tree >= 0 && names >= 0 &&
	            syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0 &&
	            syscall(SYS_move_mount, tree, "", AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH) == 0;
	if (tree >= 0)
		close(tree);
	if (names >= 0)
		close(names);
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

/* Makes the bind/N of a writable source. */
static bool make_bind(struct view *v, const char *source)
{
	char place[PATH_BYTES];
	struct stat st;
	if (snprintf(place, sizeof place, "%s/bind/%u", v->staging, v->binds++) >= (int)sizeof place)
		return fail(v->failure, "staging", ENAMETOOLONG, v->staging);
	if (stat(source, &st) != 0)
		return fail(v->failure, "bind", errno, source);
	int fd = S_ISDIR(st.st_mode) ? mkdir(place, 0755) : open(place, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return fail(v->failure, "staging", errno, place);
	if (fd > 0)
		close(fd);
	if (!v->in_user_namespace && v->owner != 0) {
		if (bind_exchanged(source, place, v->owner, v->group))
			return true;
		/* A file system that cannot do it: the files really become the user's. */
		new_owner = v->owner;
		new_group = v->group;
		int error = nftw(source, give_one, 64, FTW_PHYS);
		if (error != 0)
			return fail(v->failure, "bind", error > 0 ? error : errno, source);
	}
	return mount(source, place, NULL, 4096 | 16384 /* MS_BIND | MS_REC */, NULL) == 0 ||
	       fail(v->failure, "bind", errno, source);
}

static bool mount_staging(struct view *v, const char *limits)
{
	static const char *const folders[] = {"layer", "mnt", "scratch", "bind"};
	char options[256], place[PATH_BYTES];
	/* No limit on the number of whiteouts: they are the view's, and a build cannot make more of them. */
	snprintf(options, sizeof options, "mode=0755,%s", limits ? limits : "nr_inodes=0");
	if (mount("tmpfs", v->staging, "tmpfs", 6 /* MS_NOSUID | MS_NODEV */, options) != 0)
		return fail(v->failure, "staging", errno, v->staging);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(place, sizeof place, "%s/%s", v->staging, folders[i]);
		if (mkdir(place, 0755) != 0)
			return fail(v->failure, "staging", errno, place);
	}
	/* What the build may fill is a file system of its own, with the kernel's limit of half the memory. */
	snprintf(place, sizeof place, "%s/scratch", v->staging);
	return mount("tmpfs", place, "tmpfs", 6, "mode=0755") == 0 || fail(v->failure, "staging", errno, place);
}

static bool follow(struct view *v, const struct plan *plan, const char *record, size_t *offset)
{
	const char *text = record + 1;
	if (v->source && (record[0] == 'h' || record[0] == 'm')) {
		if (record[0] == 'h')
			return hide(v, text);
		const char *of = plan_next(plan, offset);
		return of && of[0] == 's' ? make_mount_point(v, text, of + 1) : fail(v->failure, "view", EINVAL, text);
	}
	if (v->source && record[0] == 'x')
		return mount_overlay(v);
	if (!v->source && record[0] == 'o')
		return begin_overlay(v, text);
	if (!v->source && record[0] == 't')
		return make_scratch(v, text);
	if (!v->source && record[0] == 'b')
		return make_bind(v, text);
	return fail(v->failure, "view", EINVAL, record);
}

bool view_mount(const struct plan *plan, const char *staging, const char *size, uid_t owner, gid_t group,
                bool in_user_namespace, bool (*cancelled)(void), struct failure *failure)
{
	struct view v = {.staging = staging, .owner = owner, .group = group, .in_user_namespace = in_user_namespace,
	                 .cancelled = cancelled, .failure = failure};
	if (!mount_staging(&v, size))
		return false;
	size_t offset = 0, count = 0;
	for (const char *record; (record = plan_next(plan, &offset));) {
		if (++count % 4096 == 0 && cancelled && cancelled())
			return fail(failure, "cancelled", ECANCELED, "");
		if (!follow(&v, plan, record, &offset))
			return false;
	}
	return v.source == NULL || fail(failure, "view", EINVAL, v.source);
}
