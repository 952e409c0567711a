/*
 * The view: what the plan asks for, below one tmpfs on the staging folder, in a mount namespace that dies with the helper.
 *
 * layer/N holds the whiteouts of overlay N and mnt/N shows it; scratch/N, bind/N and layered/N are what their names say;
 * layer/whiteout holds the whiteouts that all others are links of, exchanged/ the layers of layered folders, under the names
 * of the sandbox's user.
 */
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

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

bool is_folder(int fd, const char *path)
{
	struct stat st;
	return fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

bool is_whiteout(int fd, const char *path)
{
	struct stat st;
	return fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == 0;
}

bool put_whiteout(int layer, const char *path)
{
	return mknodat(layer, path, S_IFCHR | 0600, makedev(0, 0)) == 0 || errno == EEXIST;
}

const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

ssize_t resolve_folder(const struct view *v, const char *path, size_t length, char out[PATH_BYTES])
{
	char whole[2 * PATH_BYTES], real[PATH_MAX], top[PATH_MAX];
	snprintf(whole, sizeof whole, "%s/%.*s", v->source, (int)length, path);
	if (!realpath(v->source, top) || !realpath(whole, real))
		return -1;
	size_t above = strcmp(top, "/") == 0 ? 0 : strlen(top);
	if (strncmp(real, top, above) != 0 || (real[above] != '/' && real[above] != '\0'))
		return -1;
	return snprintf(out, PATH_BYTES, "%s", real[above] == '/' ? real + above + 1 : "");
}

bool make_place(struct view *v, const char *kind, unsigned number, char out[PATH_BYTES])
{
	if (snprintf(out, PATH_BYTES, "%s/%s/%u", v->staging, kind, number) >= PATH_BYTES)
		return fail(v->failure, "staging", ENAMETOOLONG, v->staging);
	return mkdir(out, 0755) == 0 || fail(v->failure, "staging", errno, out);
}

static bool mount_staging(struct view *v, const char *options)
{
	static const char *const folders[] = {"layer", "mnt", "scratch", "bind", "layered", "exchanged"};
	char data[256], place[PATH_BYTES];
	snprintf(data, sizeof data, "mode=0755,%s", options ? options : "nr_inodes=0");
	if (mount("tmpfs", v->staging, "tmpfs", MOUNT_NOSUID | MOUNT_NODEV, data) != 0)
		return fail(v->failure, "staging", errno, v->staging);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(place, sizeof place, "%s/%s", v->staging, folders[i]);
		if (mkdir(place, 0755) != 0)
			return fail(v->failure, "staging", errno, place);
	}
	/*
	 * Whiteouts are linked a quarter faster on a ramfs, which keeps no account of them: they are the view's, and a build
	 * cannot make more.
	 */
	snprintf(place, sizeof place, "%s/layer", v->staging);
	if (!options && mount("ramfs", place, "ramfs", MOUNT_NOSUID | MOUNT_NODEV, "mode=0755") != 0)
		return fail(v->failure, "staging", errno, place);
	/* All others are links of these. */
	snprintf(place, sizeof place, "%s/layer/whiteout", v->staging);
	if (mkdir(place, 0755) != 0)
		return fail(v->failure, "staging", errno, place);
	/* What the build may fill is a file system of its own, with the kernel's limit of half the memory. */
	snprintf(place, sizeof place, "%s/scratch", v->staging);
	return mount("tmpfs", place, "tmpfs", MOUNT_NOSUID | MOUNT_NODEV, "mode=0755") == 0 ||
	       fail(v->failure, "staging", errno, place);
}

static bool follow(struct view *v, const struct plan *plan, const char *record, size_t *offset)
{
	const char *text = record + 1;
	if (v->source && (record[0] == 'h' || record[0] == 'm')) {
		if (record[0] == 'h')
			return hide_paths(v, text, plan, offset);
		const char *of = plan_next(plan, offset);
		return of && of[0] == 's' ? make_mount_point(v, text, of + 1) : fail(v->failure, "view", EINVAL, text);
	}
	if (v->source && record[0] == 'x')
		return mount_shown(v);
	if (!v->source && record[0] == 'o')
		return begin_overlay(v, text);
	if (!v->source && record[0] == 't')
		return make_scratch(v, text);
	if (!v->source && record[0] == 'b')
		return make_bind(v, text);
	if (!v->source && record[0] == 'l')
		return make_layered(v, text, plan, offset);
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
