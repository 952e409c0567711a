/* Makes places in an overlay for something else to be mounted on, and links, also where the source has none and where it is hidden. */
#include "view/mount-points.h"

#include "base/cleanup.h"
#include "base/open.h"
#include "view/source-folder.h"
#include "view/whiteout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Hides every entry that a folder of `from` has, in the folder `layer`. Without the folder there is nothing to hide. */
static bool hide_entries(int layer, int from, const char *path)
{
	AUTO_CLOSE int source = openat(from, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (source < 0)
		return true;
	AUTO_CLOSE_FOLDER DIR *entries = read_folder(&source);
	bool done = entries != NULL;
	for (const struct dirent *e; done && (e = readdir(entries));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			done = put_whiteout(layer, e->d_name);
	return done;
}

/* Replaces the whiteout of a folder by a folder in which everything is hidden, so that something can be mounted inside. */
static bool open_hidden_folder(struct view *v, const char *path)
{
	if (unlinkat(v->layer_fd, path, 0) != 0 || mkdirat(v->layer_fd, path, 0755) != 0)
		return false;
	AUTO_CLOSE int layer = openat(v->layer_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done = layer >= 0;
	for (unsigned i = 0; i < v->sources.count && done; i++)
		done = hide_entries(layer, v->sources.fds[i], path);
	return done;
}

/* What is made at the end of a path: a folder, an empty file, or a link with this text. */
struct made {
	bool is_folder;
	const char *link;
};

/* Makes one component of a path, which may be hidden. */
static bool make_component(struct view *v, const char *path, struct made made)
{
	bool folder = made.is_folder;
	struct stat st;
	if (is_whiteout(v->layer_fd, path) &&
	    !(folder ? open_hidden_folder(v, path) : unlinkat(v->layer_fd, path, 0) == 0))
		return false;
	if (made.link)
		return symlinkat(made.link, v->layer_fd, path) == 0;
	if (!folder) {
		AUTO_CLOSE int fd = openat(v->layer_fd, path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
		return fd >= 0;
	}
	if (is_folder(v->layer_fd, path))
		return true;
	bool known = stat_shown(v, path, &st) && S_ISDIR(st.st_mode);
	return mkdirat(v->layer_fd, path, 0755) == 0 &&
	       fchmodat(v->layer_fd, path, known ? st.st_mode & 01777 : 0755, 0) == 0;
}

/* Makes `end` at a path below the source, and the folders above it. */
static bool make_place(struct view *v, const char *path, struct made end)
{
	if (!is_inner_path(path))
		return fail(v->failure, "view", EINVAL, path);
	const char *name = last_component(path);
	char prefix[PATH_BYTES], resolved[PATH_BYTES];
	ssize_t n = name > path ? resolve_folder(v, path, (size_t)(name - path) - 1, resolved) : -1;
	int length = n >= 0 ? snprintf(prefix, sizeof prefix, "%s%s%s", resolved, n > 0 ? "/" : "", name)
	                    : snprintf(prefix, sizeof prefix, "%s", path);
	if (length >= (int)sizeof prefix)
		return fail(v->failure, "whiteout", ENAMETOOLONG, path);
	for (int i = 1; i <= length; i++) {
		char rest = prefix[i];
		if (rest != '/' && rest != '\0')
			continue;
		prefix[i] = '\0';
		if (!make_component(v, prefix, i < length ? (struct made){.is_folder = true} : end))
			return fail(v->failure, "whiteout", errno, path);
		prefix[i] = rest;
	}
	return true;
}

bool make_mount_point(struct view *v, const char *path, const char *of)
{
	struct stat st;
	if (*of && stat(of, &st) != 0)
		return fail(v->failure, "bind", errno, of);
	return make_place(v, path, (struct made){.is_folder = !*of || S_ISDIR(st.st_mode)});
}

bool make_link(struct view *v, const char *path, const char *text)
{
	return make_place(v, path, (struct made){.link = text});
}
