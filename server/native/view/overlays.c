/*
 * Shows a folder of the root read-only, as an overlay of itself, of what lies over it and of the layer with the whiteouts. Where the
 * kernel refuses that, the folder is made anew entry by entry.
 */
#include "view/overlays.h"

#include "base/cleanup.h"
#include "base/open.h"
#include "view/source-folder.h"
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
	v->sources.count = 0;
	if (!open_source(v, source))
		return false;
	if (fstat(v->sources.fds[0], &st) != 0)
		return fail(v->failure, "source", errno, source);
	v->layer_fd = open(layer, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (v->layer_fd < 0 || fchmod(v->layer_fd, st.st_mode & 01777) != 0)
		return fail(v->failure, "staging", errno, layer);
	return true;
}

/* The folders that show one folder of the view: what hides, -1 if nothing does, and the sources, the lowest first. */
struct shown {
	int layer;
	unsigned count;
	int fds[SOURCE_LIMIT];
};

static void close_shown(struct shown *shown)
{
	close_descriptor(&shown->layer);
	for (; shown->count > 0; shown->count--)
		close_descriptor(&shown->fds[shown->count - 1]);
}

#define AUTO_CLOSE_SHOWN __attribute__((cleanup(close_shown)))

static bool show_folder(struct view *v, const struct shown *shown, const char *place);

static bool has_entry(int folder, const char *name)
{
	struct stat st;
	return folder >= 0 && fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Whether a source above the one with this number has an entry. */
static bool is_covered(const struct shown *shown, unsigned source, const char *name)
{
	bool covered = false;
	for (unsigned i = source + 1; i < shown->count && !covered; i++)
		covered = has_entry(shown->fds[i], name);
	return covered;
}

/* Shows a folder inside the folder that is made anew. A source that has something else there hides the folders of lower ones. */
static bool show_inner_folder(struct view *v, const struct shown *shown, const char *name, const char *place)
{
	AUTO_CLOSE_SHOWN struct shown inner = {.layer = -1};
	unsigned lowest = shown->count;
	while (lowest > 0 && (is_folder(shown->fds[lowest - 1], name) || !has_entry(shown->fds[lowest - 1], name)))
		lowest--;
	for (unsigned i = lowest; i < shown->count; i++) {
		int fd = openat(shown->fds[i], name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			inner.fds[inner.count++] = fd;
	}
	if (shown->layer >= 0)
		inner.layer = openat(shown->layer, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return inner.count > 0 && show_folder(v, &inner, place);
}

/* Shows one entry of a folder that no overlay can show; `from` is the highest source that has it. */
static bool show_entry(struct view *v, const struct shown *shown, int from, const char *name, const char *place)
{
	char target[PATH_BYTES], text[64];
	struct statx st;
	if (statx(from, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_MODE | STATX_TYPE, &st) != 0)
		return true;
	if (S_ISLNK(st.stx_mode)) {
		ssize_t n = readlinkat(from, name, target, sizeof target - 1);
		if (n < 0)
			return true;
		target[n] = '\0';
		return symlink(target, place) == 0;
	}
	if (S_ISREG(st.stx_mode)) {
		AUTO_CLOSE int file = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		snprintf(text, sizeof text, "/proc/self/fd/%d", file);
		return file >= 0 && mknod(place, S_IFREG | 0644, 0) == 0 && mount(text, place, NULL, MOUNT_BIND, NULL) == 0;
	}
	if (!S_ISDIR(st.stx_mode))
		return true;
	/* A mount has an overlay of its own in the plan, if it is to be shown at all. */
	return mkdir(place, 0755) == 0 && ((st.stx_attributes & MOUNT_ROOT) || show_inner_folder(v, shown, name, place));
}

static bool join_path(char out[PATH_BYTES], const char *folder, const char *name)
{
	bool fits = snprintf(out, PATH_BYTES, "%s/%s", folder, name) < PATH_BYTES;
	if (!fits)
		errno = ENAMETOOLONG;
	return fits;
}

static bool is_itself_or_above(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Shows the entries of one of the sources, without those that a higher one has or the layer hides. */
static bool show_entries(struct view *v, const struct shown *shown, unsigned source, const char *place)
{
	AUTO_CLOSE_FOLDER DIR *entries = open_folder_at(shown->fds[source], ".");
	bool done = entries != NULL;
	for (const struct dirent *e; done && (e = readdir(entries));) {
		char inner[PATH_BYTES];
		if (is_itself_or_above(e->d_name) || (shown->layer >= 0 && is_whiteout(shown->layer, e->d_name)) ||
		    is_covered(shown, source, e->d_name))
			continue;
		done = join_path(inner, place, e->d_name) && show_entry(v, shown, shown->fds[source], e->d_name, inner);
	}
	return done;
}

/* Copies what only the layer has. These are places for something to be mounted on. */
static bool copy_mount_points(const struct shown *shown, const char *place)
{
	AUTO_CLOSE_FOLDER DIR *entries = open_folder_at(shown->layer, ".");
	bool done = entries != NULL;
	for (const struct dirent *e; done && (e = readdir(entries));) {
		char inner[PATH_BYTES];
		if (is_itself_or_above(e->d_name) || is_whiteout(shown->layer, e->d_name) ||
		    has_entry(shown->fds[0], e->d_name) || is_covered(shown, 0, e->d_name))
			continue;
		done = join_path(inner, place, e->d_name) &&
		       (is_folder(shown->layer, e->d_name) ? mkdir(inner, 0755) : mknod(inner, S_IFREG | 0644, 0)) == 0;
	}
	return done;
}

/*
 * Makes a folder anew and shows its entries one by one. In a user namespace the kernel refuses an overlay of a folder below which
 * something is mounted that the user may not unmount, because the overlay would show what the mount covers.
 */
static bool spread_folder(struct view *v, const struct shown *shown, const char *place)
{
	struct stat st;
	if (++v->spread > SPREAD_LIMIT) {
		errno = EINVAL;
		return false;
	}
	bool done = fstat(shown->fds[shown->count - 1], &st) == 0;
	for (unsigned i = shown->count; done && i-- > 0;)
		done = show_entries(v, shown, i, place);
	return done && (shown->layer < 0 || copy_mount_points(shown, place)) && chmod(place, st.st_mode & 01777) == 0;
}

static bool mount_sources(const struct view *v, const struct shown *shown, const char *place)
{
	char text[4096];
	size_t used = (size_t)snprintf(text, sizeof text, "%slowerdir=", v->in_user_namespace ? "userxattr," : "");
	if (shown->layer >= 0)
		used += (size_t)snprintf(text + used, sizeof text - used, "%d:", shown->layer);
	for (unsigned i = shown->count; i-- > 0 && used < sizeof text;)
		used += (size_t)snprintf(text + used, sizeof text - used, "%d%s", shown->fds[i], i > 0 ? ":" : "");
	if (used >= sizeof text) {
		errno = E2BIG;
		return false;
	}
	return mount_by_numbers(place, MOUNT_READ_ONLY, text);
}

/* Mounts a folder at `place`. The descriptors name the folders, so that no path has to be escaped. */
static bool show_folder(struct view *v, const struct shown *shown, const char *place)
{
	char text[64];
	bool done;
	if (shown->layer >= 0 || shown->count > 1) {
		done = mount_sources(v, shown, place);
	} else {
		snprintf(text, sizeof text, "/proc/self/fd/%d", shown->fds[0]);
		done = mount(text, place, NULL, MOUNT_BIND, NULL) == 0;
	}
	return done || (errno == EINVAL && spread_folder(v, shown, place));
}

bool mount_overlay(struct view *v)
{
	char place[PATH_BYTES];
	if (!make_place(v, "mnt", v->overlays, place))
		return false;
	v->spread = 0;
	struct shown shown = {.layer = v->layer_fd, .count = v->sources.count};
	memcpy(shown.fds, v->sources.fds, v->sources.count * sizeof *shown.fds);
	if (!show_folder(v, &shown, place))
		return fail(v->failure, "overlay", errno, v->source);
	close_descriptor(&v->layer_fd);
	close_sources(v);
	v->source = NULL;
	v->overlays++;
	return true;
}
