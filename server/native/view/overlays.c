/*
 * Shows a folder of the root read-only, as an overlay of itself and of the layer with its whiteouts. Where the kernel refuses that, the
 * folder is made anew entry by entry.
 */
#include "view/overlays.h"

#include "base/cleanup.h"
#include "base/open.h"
#include "view/staging.h"
#include "view/whiteout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More folders than any path has components; beyond it the kernel refuses overlays for another reason. */
#define SPREAD_LIMIT 64
/* From linux/stat.h, which old headers lack: STATX_ATTR_MOUNT_ROOT. */
#define MOUNT_ROOT 0x2000

bool begin_overlay(struct view *v, const char *source)
{
	char layer[PATH_BYTES];
	struct stat st;
	if (!make_place(v, "layer", v->overlays, layer))
		return false;
	v->source = source;
	v->source_fd = open(source, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (v->source_fd < 0 || fstat(v->source_fd, &st) != 0)
		return fail(v->failure, "source", errno, source);
	v->layer_fd = open(layer, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (v->layer_fd < 0 || fchmod(v->layer_fd, st.st_mode & 01777) != 0)
		return fail(v->failure, "staging", errno, layer);
	return true;
}

static bool show_folder(struct view *v, int layer, int source, const char *place);

/* Copies what the layer has and the source does not. These are places for something to be mounted on. */
static bool copy_mount_points(int layer, int source, const char *place)
{
	struct stat st;
	AUTO_CLOSE_FOLDER DIR *entries = open_folder_at(layer, ".");
	bool done = entries != NULL;
	for (const struct dirent *e; done && (e = readdir(entries));) {
		char inner[PATH_BYTES];
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || is_whiteout(layer, e->d_name) ||
		    fstatat(source, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		if (snprintf(inner, sizeof inner, "%s/%s", place, e->d_name) >= (int)sizeof inner)
			done = false;
		else if (is_folder(layer, e->d_name))
			done = mkdir(inner, 0755) == 0;
		else
			done = mknod(inner, S_IFREG | 0644, 0) == 0;
	}
	return done;
}

/* Shows one entry of a folder that no overlay can show. */
static bool show_entry(struct view *v, int layer, int source, const char *name, const char *place)
{
	char target[PATH_BYTES], from[64];
	struct statx st;
	if (statx(source, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_MODE | STATX_TYPE, &st) != 0)
		return true;
	if (S_ISLNK(st.stx_mode)) {
		ssize_t n = readlinkat(source, name, target, sizeof target - 1);
		if (n < 0)
			return true;
		target[n] = '\0';
		return symlink(target, place) == 0;
	}
	if (!S_ISDIR(st.stx_mode) && !S_ISREG(st.stx_mode))
		return true;
	AUTO_CLOSE int inner = openat(source, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	AUTO_CLOSE int above = layer < 0 ? -1 : openat(layer, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool done = inner >= 0;
	if (done && S_ISREG(st.stx_mode)) {
		snprintf(from, sizeof from, "/proc/self/fd/%d", inner);
		done = mknod(place, S_IFREG | 0644, 0) == 0 && mount(from, place, NULL, MOUNT_BIND, NULL) == 0;
	} else if (done) {
		done = mkdir(place, 0755) == 0;
		/* A mount has an overlay of its own in the plan, if it is to be shown at all. */
		if (done && !(st.stx_attributes & MOUNT_ROOT))
			done = show_folder(v, above, inner, place);
	}
	return done;
}

/*
 * Makes a folder anew and shows its entries one by one. In a user namespace the kernel refuses an overlay of a folder below which
 * something is mounted that the user may not unmount, because the overlay would show what the mount covers.
 */
static bool spread_folder(struct view *v, int layer, int source, const char *place)
{
	struct stat st;
	if (++v->spread > SPREAD_LIMIT) {
		errno = EINVAL;
		return false;
	}
	AUTO_CLOSE_FOLDER DIR *entries = open_folder_at(source, ".");
	bool done = entries && fstat(dirfd(entries), &st) == 0;
	for (const struct dirent *e; done && (e = readdir(entries));) {
		char inner[PATH_BYTES];
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || (layer >= 0 && is_whiteout(layer, e->d_name)))
			continue;
		if (snprintf(inner, sizeof inner, "%s/%s", place, e->d_name) >= (int)sizeof inner) {
			errno = ENAMETOOLONG;
			done = false;
		} else {
			done = show_entry(v, layer, source, e->d_name, inner);
		}
	}
	if (done && layer >= 0)
		done = copy_mount_points(layer, source, place);
	return done && chmod(place, st.st_mode & 01777) == 0;
}

/* Mounts a folder at `place` with the layer (-1: none) on top. The descriptors name them, so that no path has to be escaped. */
static bool show_folder(struct view *v, int layer, int source, const char *place)
{
	char text[128];
	int result;
	if (layer >= 0) {
		snprintf(text, sizeof text, "%slowerdir=/proc/self/fd/%d:/proc/self/fd/%d", v->in_user_namespace ? "userxattr," : "",
		         layer, source);
		result = mount("overlay", place, "overlay", MOUNT_READ_ONLY, text);
	} else {
		snprintf(text, sizeof text, "/proc/self/fd/%d", source);
		result = mount(text, place, NULL, MOUNT_BIND, NULL);
	}
	return result == 0 || (errno == EINVAL && spread_folder(v, layer, source, place));
}

bool mount_overlay(struct view *v)
{
	char place[PATH_BYTES];
	if (!make_place(v, "mnt", v->overlays, place))
		return false;
	v->spread = 0;
	if (!show_folder(v, v->layer_fd, v->source_fd, place))
		return fail(v->failure, "overlay", errno, v->source);
	close_descriptor(&v->layer_fd);
	close_descriptor(&v->source_fd);
	v->source = NULL;
	v->overlays++;
	return true;
}
