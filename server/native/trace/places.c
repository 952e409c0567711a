/*
 * Tells what a path leads to. It is looked up among the fixed places first. Elsewhere the build makes links itself, so that they are
 * followed here while the caller waits.
 */
#include "trace/places.h"

#include "base/cleanup.h"
#include "trace/proc-links.h"

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

/* A walk along a path, as path_resolution(7) says. */
struct walk {
	struct places *places;
	struct hops *hops;
	bool follow;
	/* The length of the folder that is its root: 0 but for RESOLVE_IN_ROOT. */
	size_t root;
	/* What has been walked, without links, and its length; and what is left, which begins at `at`. */
	char done[WALK_BYTES], rest[WALK_BYTES];
	size_t length;
	const char *at;
	int links;
};

enum step { STEP_ON, STEP_JUMPED, STEP_ENDED };

static enum step end_walk(enum result *result, enum result with)
{
	*result = with;
	return STEP_ENDED;
}

/* Begins `path` anew from the walk's root, with which it begins. A path that is too long leads nowhere. */
static bool restart(struct walk *w, const char *path)
{
	size_t length = strlen(path);
	if (length >= sizeof w->rest)
		return false;
	memcpy(w->rest, path, length + 1);
	memcpy(w->done, path, w->root);
	w->length = w->root;
	w->done[w->length] = '\0';
	w->at = w->rest + w->root;
	return true;
}

/*
 * Goes on at the text of the link at w->done, whose name begins at `parent` and behind which `tail` is left. Links of fixed places are
 * no hops, because the reader follows them from the root of the sandbox.
 */
static enum step follow_link(struct walk *w, size_t parent, const char *text, const char *tail, enum result *result)
{
	char next[WALK_BYTES];
	struct fixed_places *fixed = &w->places->fixed;
	bool is_told = w->root > 0 || !fixed_places_hold(fixed, w->done);
	if (++w->links > MOST_LINKS)
		return end_walk(result, RESULT_MISSING);
	bool is_absolute = text[0] == '/';
	/* The fixed places are compared by text, so that no slash may be doubled behind a link to the root. */
	while (tail[0] == '/' && tail[1] == '/')
		tail++;
	if (is_absolute && text[1] == '\0' && tail[0] != '\0')
		text = "";
	int made = snprintf(next, sizeof next, "%.*s%s%s%s", (int)(is_absolute ? w->root : parent), w->done, is_absolute ? "" : "/", text, tail);
	if (made < 0 || (size_t)made >= sizeof next)
		return end_walk(result, RESULT_MISSING);
	if (is_told)
		hops_add(w->hops, next);
	if (is_told && w->root == 0) {
		*result = fixed_places_look(fixed, next, w->follow);
		if (*result != RESULT_UNKNOWN)
			return STEP_ENDED;
	}
	restart(w, next);
	return STEP_JUMPED;
}

/* Takes the step to w->done, which lies below /proc. */
static enum step step_in_proc(struct walk *w, const char *tail, enum result *result)
{
	char text[PATH_BYTES];
	struct places *places = w->places;
	bool is_followed = tail[0] != '\0' || w->follow;
	struct proc_reader reader = {places->tid, places->leader};
	if (strcmp(w->done, "/proc/thread-self") == 0 && is_followed) {
		w->length = strlen(THREAD_SELF);
		memcpy(w->done, THREAD_SELF, w->length + 1);
	}
	switch (is_followed ? read_proc_link(places->root, reader, w->done, text, sizeof text) : PROC_NO_LINK) {
	case PROC_LINK:
		places->is_passing = true;
		/* RESOLVE_IN_ROOT allows no such jump. */
		return w->root > 0 ? end_walk(result, RESULT_MISSING) : follow_link(w, 0, text, tail, result);
	case PROC_PIPE:
		return end_walk(result, RESULT_UNKNOWN);
	case PROC_LOST:
		places->is_lost = true;
		return end_walk(result, RESULT_UNKNOWN);
	case PROC_NO_LINK:
		break;
	}
	/* What lies directly in /proc may be a link by text, such as `net`. Our own `self` is nobody there. */
	bool is_first = strchr(w->done + strlen("/proc/"), '/') == NULL && strcmp(w->done, "/proc/self") != 0;
	ssize_t n = is_first && is_followed ? link_text(places, w->done, text, sizeof text) : -1;
	return n > 0 ? follow_link(w, strlen("/proc"), text, tail, result) : STEP_ON;
}

/* Takes the step to the name of `part` bytes at w->at. */
static enum step step(struct walk *w, size_t part, enum result *result)
{
	char text[PATH_BYTES];
	const char *tail = w->at + part;
	if (part == 2 && w->at[0] == '.' && w->at[1] == '.') {
		while (w->length > w->root && w->done[--w->length] != '/')
			;
		w->done[w->length] = '\0';
		return STEP_ON;
	}
	if (part == 1 && w->at[0] == '.')
		return STEP_ON;
	size_t parent = w->length;
	w->done[w->length++] = '/';
	memcpy(w->done + w->length, w->at, part);
	w->done[w->length += part] = '\0';
	if (is_proc(w->done))
		return step_in_proc(w, tail, result);
	ssize_t n = *tail == '\0' && !w->follow ? -1 : link_text(w->places, w->done, text, sizeof text);
	return n > 0 ? follow_link(w, parent, text, tail, result) : STEP_ON;
}

/* Walks to the end of `path`, which begins with the walk's root. */
static enum result walk(struct walk *w, const char *path)
{
	enum result result = RESULT_MISSING;
	if (!restart(w, path))
		return result;
	for (;;) {
		while (*w->at == '/')
			w->at++;
		size_t part = strcspn(w->at, "/");
		if (part == 0 || w->length + part + 2 > sizeof w->done - sizeof THREAD_SELF)
			break;
		enum step taken = step(w, part, &result);
		if (taken == STEP_ENDED)
			return result;
		if (taken == STEP_ON)
			w->at += part;
	}
	if (w->root > 0)
		hops_add(w->hops, w->done);
	return is_proc(w->done) ? RESULT_UNKNOWN : look_plain(w->places, w->done, false);
}

enum result places_look_within(struct places *places, const char *path, size_t root, bool follow, struct hops *hops)
{
	static struct walk w;
	hops_clear(hops);
	places->is_passing = places->is_lost = false;
	if (places->root < 0)
		return RESULT_UNKNOWN;
	enum result result = RESULT_UNKNOWN;
	if (root == 0 && !is_proc(path)) {
		result = fixed_places_look(&places->fixed, path, follow);
		if (result == RESULT_UNKNOWN)
			result = look_plain(places, path, follow);
	}
	if (result != RESULT_UNKNOWN)
		return result;
	w.places = places;
	w.hops = hops;
	w.follow = follow;
	w.root = root;
	w.links = 0;
	return walk(&w, path);
}

enum result places_look(struct places *places, const char *path, bool follow, struct hops *hops)
{
	return places_look_within(places, path, 0, follow, hops);
}

bool places_can_change(const struct places *places, const char *path)
{
	return !fixed_places_hold(&places->fixed, path) || strstr(path, "/..") != NULL;
}
