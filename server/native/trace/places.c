/*
 * Tells what a path leads to. It is looked up among the fixed places first. Elsewhere the build makes links itself, so that they are
 * followed here while the caller waits.
 */
#include "trace/places.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Linux gives up after 40 links (path_resolution(7)). */
#define MOST_LINKS 40
#define WALK_BYTES (2 * ABSOLUTE_BYTES)

bool places_open(struct places *places, pid_t first)
{
	char name[64];
	snprintf(name, sizeof name, "/proc/%d/root", (int)first);
	AUTO_CLOSE int root = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	*places = (struct places){.root = -1};
	if (root < 0)
		return false;
	if (!fixed_places_open(&places->fixed, root, first)) {
		fixed_places_close(&places->fixed);
		return false;
	}
	places->root = take_descriptor(&root);
	return true;
}

void places_close(struct places *places)
{
	fixed_places_close(&places->fixed);
	close_descriptor(&places->root);
}

int places_handle(const struct places *places, const char *path)
{
	return open_handle(places->root, path, 0, RESOLVE_IN_ROOT);
}

/* The supervisor stands outside of the sandbox's pid namespace. /proc shows it something else than the caller. */
static bool is_proc(const char *path)
{
	return strncmp(path, "/proc/", 6) == 0;
}

/* The text of the link at a path whose parents hold no links; -1 when there is no link. */
static ssize_t link_text(const struct places *places, const char *path, char *out, size_t size)
{
	AUTO_CLOSE int handle = open_handle(places->root, path, O_NOFOLLOW, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (handle < 0)
		return -1;
	ssize_t n = readlinkat(handle, "", out, size - 1);
	if (n >= 0)
		out[n] = '\0';
	return n;
}

static enum result look_plain(const struct places *places, const char *path, bool follow)
{
	return look_at(places->root, path, follow ? 0 : O_NOFOLLOW, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
}

/* Follows the links of `path` one by one as path_resolution(7) says. A path that is too long or has too many links leads nowhere. */
static enum result walk(struct places *places, const char *path, bool follow, struct hops *hops)
{
	static char rest[WALK_BYTES], next[WALK_BYTES], done[WALK_BYTES], text[PATH_BYTES];
	size_t length = 0;
	int links = 0;
	snprintf(rest, sizeof rest, "%s", path);
	done[0] = '\0';
	for (char *at = rest;;) {
		while (*at == '/')
			at++;
		size_t part = strcspn(at, "/");
		if (part == 0 || length + part + 2 > sizeof done)
			break;
		if (part == 2 && at[0] == '.' && at[1] == '.') {
			while (length > 0 && done[--length] != '/')
				;
			done[length] = '\0';
		} else if (part != 1 || at[0] != '.') {
			size_t parent = length;
			done[length++] = '/';
			memcpy(done + length, at, part);
			done[length += part] = '\0';
			if (is_proc(done))
				return RESULT_UNKNOWN;
			bool at_end = at[part] == '\0';
			ssize_t n = at_end && !follow ? -1 : link_text(places, done, text, sizeof text);
			if (n > 0) {
				if (++links > MOST_LINKS)
					return RESULT_MISSING;
				bool within = fixed_places_hold(&places->fixed, done);
				done[parent] = '\0';
				int made = snprintf(next, sizeof next, "%s%s%s%s", text[0] == '/' ? "" : done, text[0] == '/' ? "" : "/", text, at + part);
				if (made < 0 || (size_t)made >= sizeof next)
					return RESULT_MISSING;
				if (!within) {
					hops_add(hops, next);
					enum result result = fixed_places_look(&places->fixed, next, follow);
					if (result != RESULT_UNKNOWN)
						return result;
				}
				memcpy(rest, next, (size_t)made + 1);
				at = rest;
				length = 0;
				done[0] = '\0';
				continue;
			}
		}
		at += part;
	}
	return look_plain(places, done, false);
}

enum result places_look(struct places *places, const char *path, bool follow, struct hops *hops)
{
	hops_clear(hops);
	if (places->root < 0 || is_proc(path))
		return RESULT_UNKNOWN;
	enum result result = fixed_places_look(&places->fixed, path, follow);
	if (result == RESULT_UNKNOWN)
		result = look_plain(places, path, follow);
	return result == RESULT_UNKNOWN ? walk(places, path, follow, hops) : result;
}
