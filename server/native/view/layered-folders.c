/*
 * Mounts folders of layers, whose uppermost takes what is written. The upper layer of one run is a lower one of the next.
 * The layers belong to whoever keeps them. A view only mounts them so that the sandbox's user may write.
 */
#include "view/layered-folders.h"

#include "base/cleanup.h"
#include "view/exchanged-owners.h"
#include "view/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* An overlay has no more lower layers (fs/overlayfs/ovl_entry.h); a trial has a handful, and a stack of packages many. */
#define LOWER_LIMIT 500
/* The options of mount(2) are cut off after a page. */
#define OPTIONS_BYTES 4096
/* The inode of the first user namespace's file in /proc, PROC_USER_INIT_INO of the kernel. */
#define FIRST_USER_NAMESPACE 0xEFFFFFFDU

/* The folders of one layered folder; the lowest comes first, as in the plan. */
struct layers {
	const char *upper, *work;
	const char *lower[LOWER_LIMIT];
	size_t count;
	/* Whether the lower layers are somebody else's, such as the root's own folders, and must never be given away. */
	bool borrowed;
};

/* Descriptors of the same folders. */
struct layer_fds {
	int upper, work;
	int lower[LOWER_LIMIT];
};

/* A struct layer_fds begins like this. */
static void open_none(struct layer_fds *fds)
{
	fds->upper = fds->work = -1;
	for (size_t i = 0; i < LOWER_LIMIT; i++)
		fds->lower[i] = -1;
}

static void close_layers(struct layer_fds *fds)
{
	for (size_t i = 0; i < LOWER_LIMIT; i++)
		close_descriptor(&fds->lower[i]);
	close_descriptor(&fds->upper);
	close_descriptor(&fds->work);
}

#define AUTO_CLOSE_LAYERS __attribute__((cleanup(close_layers)))

static int open_folder(const char *path)
{
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/*
 * index=off       an upper layer is a lower one in the next run, which an index would refuse; a hard link of a lower layer
 *                 is therefore broken when it is first written to
 * metacopy=off    a layer is to hold whole files: they are read from outside too
 * xino=off        the layers lie on one file system, so that inode numbers are its own; 64-bit ones break old 32-bit programs
 * volatile        the layers are temporary, or made durable by whoever keeps them: no sync of the whole disk on unmounting
 * redirect_dir=on lets rename(2) move a folder of a lower layer. The kernel does not give it to an ordinary user, whose
 *                 rename(2) fails with EXDEV, upon which mv copies.
 * userxattr       the marks are the user's attributes, where trusted ones cannot be written
 */
static bool mount_layers(const struct layers *layers, const struct layer_fds *fds, const char *place, bool trusted)
{
	char data[OPTIONS_BYTES] = "lowerdir=";
	size_t used = strlen(data);
	/* The kernel wants the highest first. */
	for (size_t i = layers->count; i-- > 0 && used < sizeof data;)
		used += (size_t)snprintf(data + used, sizeof data - used, "%d%s", fds->lower[i], i > 0 ? ":" : "");
	if (used < sizeof data)
		used += (size_t)snprintf(data + used, sizeof data - used,
		                         ",upperdir=%d,workdir=%d,index=off,metacopy=off,xino=off,volatile,%s", fds->upper, fds->work,
		                         trusted ? "redirect_dir=on" : "userxattr");
	if (used >= sizeof data) {
		errno = E2BIG;
		return false;
	}
	return mount_by_numbers(place, MOUNT_NOSUID | MOUNT_NODEV, data);
}

/* Opens the layers as they are. */
static bool open_layers(const struct layers *layers, struct layer_fds *fds)
{
	bool done = (fds->upper = open_folder(layers->upper)) >= 0;
	fds->work = open_folder(layers->work);
	done = done && fds->work >= 0;
	for (size_t i = 0; i < layers->count; i++)
		done = (fds->lower[i] = open_folder(layers->lower[i])) >= 0 && done;
	return done;
}

/* Mounts the tree at `source` with the owners exchanged and opens its top. */
static int open_exchanged(struct view *v, const char *source, int names)
{
	char place[PATH_BYTES];
	if (!make_place(v, "exchanged", v->exchanged++, place) || !bind_exchanged(source, place, names))
		return -1;
	return open_folder(place);
}

/* Opens a folder below `top`, and makes sure that no other mount lies between. */
static int open_below(int top, const char *path, const char *rest)
{
	struct stat st, expected;
	AUTO_CLOSE int fd = openat(top, rest, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool found = fd >= 0 && stat(path, &expected) == 0 && fstat(fd, &st) == 0 && st.st_ino == expected.st_ino;
	return found ? take_descriptor(&fd) : -1;
}

/*
 * Opens the layers with the owners exchanged. An overlay wants its upper layer and its work folder from one mount, so the
 * folder above both is mounted.
 */
static bool open_exchanged_layers(struct view *v, const struct layers *layers, struct layer_fds *fds)
{
	char upper[PATH_MAX], work[PATH_MAX], above[PATH_MAX];
	AUTO_CLOSE int names = exchange_namespace(&v->owner);
	bool done = names >= 0 && realpath(layers->upper, upper) && realpath(layers->work, work);
	if (done) {
		size_t common = 0;
		for (size_t i = 0; upper[i] && upper[i] == work[i]; i++)
			if (upper[i] == '/')
				common = i + 1;
		memcpy(above, upper, common);
		above[common] = '\0';
		AUTO_CLOSE int top = open_exchanged(v, above, names);
		fds->upper = top < 0 ? -1 : open_below(top, upper, upper + common);
		fds->work = top < 0 ? -1 : open_below(top, work, work + common);
		done = fds->upper >= 0 && fds->work >= 0;
	}
	for (size_t i = 0; i < layers->count && done; i++)
		done = (fds->lower[i] = open_exchanged(v, layers->lower[i], names)) >= 0;
	return done;
}

/* Whether the layer has been given to the sandbox's user by an earlier run. */
static bool is_given(const struct view *v, const char *layer)
{
	struct stat st;
	return stat(layer, &st) == 0 && st.st_uid == v->owner.uid;
}

static bool give_layers(const struct view *v, const struct layers *layers)
{
	for (size_t i = 0; i < layers->count; i++)
		if (!is_given(v, layers->lower[i]) && !give_tree(layers->lower[i], &v->owner))
			return fail(v->failure, "layered", errno, layers->lower[i]);
	return give_tree(layers->upper, &v->owner) || fail(v->failure, "layered", errno, layers->upper);
}

/* Mounts the layers under the names of the sandbox's user. */
static bool mount_exchanged_layers(struct view *v, const struct layers *layers, const char *place, bool trusted)
{
	AUTO_CLOSE_LAYERS struct layer_fds fds;
	open_none(&fds);
	return open_exchanged_layers(v, layers, &fds) && mount_layers(layers, &fds, place, trusted);
}

static bool mount_own_layers(const struct layers *layers, const char *place, bool trusted)
{
	AUTO_CLOSE_LAYERS struct layer_fds fds;
	open_none(&fds);
	return open_layers(layers, &fds) && mount_layers(layers, &fds, place, trusted);
}

static bool mount_layered(struct view *v, const struct layers *layers, const char *place)
{
	struct stat st;
	/* Only the first namespace has trusted attributes. Root of a container is an ordinary user here. */
	bool trusted = stat("/proc/self/ns/user", &st) == 0 && st.st_ino == FIRST_USER_NAMESPACE;
	if (changes_hands(v) && !is_given(v, layers->lower[0]) && mount_exchanged_layers(v, layers, place, trusted))
		return true;
	if (changes_hands(v) && layers->borrowed)
		return fail(v->failure, "layered", errno, layers->lower[0]);
	/* Linux before 5.19 and some file systems cannot do it. There the layers really become the user's. */
	if (changes_hands(v) && !give_layers(v, layers))
		return false;
	return mount_own_layers(layers, place, trusted) || fail(v->failure, "layered", errno, layers->upper);
}

bool make_layered(struct view *v, const char *upper, bool borrowed, const struct plan *plan, size_t *offset)
{
	struct layers layers = {.upper = upper, .borrowed = borrowed};
	char place[PATH_BYTES];
	const char *record = plan_next(plan, offset);
	if (!record || record[0] != 'k')
		return fail(v->failure, "view", EINVAL, upper);
	layers.work = record + 1;
	while ((record = plan_next(plan, offset)) && record[0] == 'd' && layers.count < LOWER_LIMIT)
		layers.lower[layers.count++] = record + 1;
	if (!record || strcmp(record, "x") != 0 || layers.count == 0)
		return fail(v->failure, "view", EINVAL, upper);
	return make_place(v, "layered", v->layered++, place) && mount_layered(v, &layers, place);
}
