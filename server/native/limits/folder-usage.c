/*
 * Counts what lies in a folder that a hostile build may be changing. It may be deeper than PATH_MAX, hold more names than memory, and
 * have folders moved while they are counted. Only entries of the tree are looked at, and none is followed.
 */
#include "limits/folder-usage.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* So many folders of the way down are kept open. Deeper ones are found again through "..". */
#define KEPT_OPEN 256
/* Names of folders yet to be visited, in all levels together. */
#define MOST_NAME_BYTES (64u << 20)
/* A tree that is deeper is a trick, and is told as incomplete. */
#define MOST_DEPTH (1u << 18)
#define BLOCK_BYTES 512

struct level {
	int fd;
	dev_t device;
	ino_t inode;
	/* The names of its folders, NUL-terminated one after the other, and how far they have been visited. */
	char *names;
	size_t length, size, next;
};

struct walk {
	struct level *levels;
	size_t depth, size, name_bytes;
	const struct folder_usage *most;
	struct folder_usage *usage;
};

struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

static bool is_passed(const struct walk *w)
{
	return (w->most->bytes != 0 && w->usage->bytes > w->most->bytes) ||
	       (w->most->files != 0 && w->usage->files > w->most->files);
}

static bool remember(struct walk *w, struct level *level, const char *name)
{
	size_t length = strlen(name) + 1;
	if (w->name_bytes + length > MOST_NAME_BYTES)
		return false;
	if (level->length + length > level->size) {
		size_t size = level->size * 2 + length + 64;
		char *names = realloc(level->names, size);
		if (!names)
			return false;
		level->names = names;
		level->size = size;
	}
	memcpy(level->names + level->length, name, length);
	level->length += length;
	w->name_bytes += length;
	return true;
}

static void count_entry(struct walk *w, struct level *level, const char *name)
{
	struct stat st;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return;
	if (fstatat(level->fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0 || st.st_dev != level->device)
		return;
	bool folder = S_ISDIR(st.st_mode);
	w->usage->files++;
	/* Every name of a file brings its share. */
	w->usage->bytes += (uint64_t)st.st_blocks * BLOCK_BYTES / (folder || st.st_nlink == 0 ? 1 : st.st_nlink);
	if (folder && !remember(w, level, name))
		w->usage->incomplete = true;
}

static void count_entries(struct walk *w, struct level *level)
{
	static char bytes[1 << 15] __attribute__((aligned(8)));
	for (;;) {
		long n = syscall(SYS_getdents64, level->fd, bytes, sizeof bytes);
		if (n <= 0)
			return;
		for (long at = 0; at < n;) {
			const struct entry *entry = (const struct entry *)(bytes + at);
			count_entry(w, level, entry->name);
			at += entry->length;
		}
		if (is_passed(w))
			return;
	}
}

/* Goes down into the folder that `fd` has open, takes the descriptor, and counts what is in it. False: it has not taken it. */
static bool enter(struct walk *w, int *fd)
{
	struct stat st;
	if (w->depth == MOST_DEPTH)
		return false;
	if (w->depth == w->size) {
		size_t size = w->size * 2 + 64;
		struct level *levels = realloc(w->levels, size * sizeof *levels);
		if (!levels)
			return false;
		w->levels = levels;
		w->size = size;
	}
	if (fstat(*fd, &st) != 0)
		return false;
	struct level *level = &w->levels[w->depth++];
	*level = (struct level){.fd = take_descriptor(fd), .device = st.st_dev, .inode = st.st_ino};
	count_entries(w, level);
	return true;
}

/* Leaves the deepest folder. Returns false when the way up is not the way down, because somebody has moved a folder. */
static bool leave(struct walk *w)
{
	struct level *level = &w->levels[--w->depth];
	struct level *above = w->depth > 0 ? level - 1 : NULL;
	bool found = true;
	w->name_bytes -= level->length;
	free(level->names);
	if (above && above->fd < 0) {
		struct stat st;
		above->fd = openat(level->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		found = above->fd >= 0 && fstat(above->fd, &st) == 0 && st.st_dev == above->device && st.st_ino == above->inode;
	}
	close_descriptor(&level->fd);
	return found;
}

/* Opens the next folder to visit below the deepest one. Returns -1 when there is none left. */
static int next_folder(struct walk *w)
{
	struct level *level = &w->levels[w->depth - 1];
	while (level->next < level->length) {
		const char *name = level->names + level->next;
		level->next += strlen(name) + 1;
		int fd = openat(level->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		/* With these errors it is gone meanwhile, or not a folder any more. */
		if (fd < 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			w->usage->incomplete = true;
		if (fd < 0)
			continue;
		if (w->depth > KEPT_OPEN)
			close_descriptor(&level->fd);
		return fd;
	}
	return -1;
}

/* Gives back what a walk holds, wherever it has stopped. */
static void end_walk(struct walk *w)
{
	while (w->depth > 0) {
		struct level *level = &w->levels[--w->depth];
		close_descriptor(&level->fd);
		free(level->names);
	}
	free(w->levels);
}

/* Goes from folder to folder; false when the walk could not go on. */
static bool walk_below(struct walk *w, int *top)
{
	if (!enter(w, top))
		return false;
	while (w->depth > 0 && !is_passed(w)) {
		AUTO_CLOSE int inner = next_folder(w);
		if (inner < 0 ? !leave(w) : !enter(w, &inner))
			return false;
	}
	return true;
}

void count_folder(const char *path, const struct folder_usage *most, struct folder_usage *usage)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOTDIR) {
		struct stat st;
		if (stat(path, &st) == 0)
			usage->bytes += (uint64_t)st.st_blocks * BLOCK_BYTES;
		return;
	}
	__attribute__((cleanup(end_walk))) struct walk w = {.most = most, .usage = usage};
	if (fd < 0 || !walk_below(&w, &fd))
		usage->incomplete = true;
}
