/*
 * Finds what a folder of the plan is in the source. The plan may name what lies behind a link of the source, and the layer has no
 * links. Hidden paths and mount points both need it.
 */
#include "view/source-folder.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool open_source(struct view *v, const char *path)
{
	struct sources *sources = &v->sources;
	if (sources->count == SOURCE_LIMIT)
		return fail(v->failure, "source", E2BIG, path);
	/* What lies over the lowest comes from packages, whose links must not lead out. */
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC | (sources->count > 0 ? O_NOFOLLOW : 0));
	if (fd < 0)
		return fail(v->failure, "source", errno, path);
	sources->paths[sources->count] = path;
	sources->fds[sources->count++] = fd;
	return true;
}

void close_sources(struct view *v)
{
	for (; v->sources.count > 0; v->sources.count--)
		close_descriptor(&v->sources.fds[v->sources.count - 1]);
}

bool stat_shown(const struct view *v, const char *path, struct stat *st)
{
	bool found = false;
	for (unsigned i = v->sources.count; i-- > 0 && !found;)
		found = fstatat(v->sources.fds[i], path, st, AT_SYMLINK_NOFOLLOW) == 0;
	return found;
}

static ssize_t resolve_below(const char *source, const char *path, size_t length, char out[PATH_BYTES])
{
	char whole[2 * PATH_BYTES], real[PATH_MAX], top[PATH_MAX];
	snprintf(whole, sizeof whole, "%s/%.*s", source, (int)length, path);
	if (!realpath(source, top) || !realpath(whole, real))
		return -1;
	size_t above = strcmp(top, "/") == 0 ? 0 : strlen(top);
	if (strncmp(real, top, above) != 0 || (real[above] != '/' && real[above] != '\0'))
		return -1;
	return snprintf(out, PATH_BYTES, "%s", real[above] == '/' ? real + above + 1 : "");
}

ssize_t resolve_folder(const struct view *v, const char *path, size_t length, char out[PATH_BYTES])
{
	ssize_t n = -1;
	for (unsigned i = 0; i < v->sources.count && n < 0; i++)
		n = resolve_below(v->sources.paths[i], path, length, out);
	return n;
}
