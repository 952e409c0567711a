/*
 * What a path leads to in the view. Most of the sandbox is read-only mounts, in which nothing changes during a run: what was
 * found there once is remembered for ever, and its links can be followed later by whoever reads the trace. Elsewhere the build
 * makes links itself, so they are followed here, while the caller waits.
 */
#include "trace.h"

#include <dirent.h>
#include <errno.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux gives up after 40 links (path_resolution(7)). */
#define MOST_LINKS 40
#define WALK_BYTES (2 * ABSOLUTE_BYTES)

/* Paths are handed over relative to `folder`: a leading slash would leave it but for RESOLVE_IN_ROOT. */
static int open_handle(int folder, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC | flags, .resolve = resolve | RESOLVE_NO_MAGICLINKS};
	while (*path == '/')
		path++;
	return (int)syscall(SYS_openat2, folder, *path ? path : ".", &how, sizeof how);
}

int places_handle(const struct places *places, const char *path)
{
	return open_handle(places->root, path, 0, RESOLVE_IN_ROOT);
}

/* What a failed look means; before Linux 5.6 there is no openat2, and nothing is known. */
static enum result classify_error(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES || error == ENAMETOOLONG ? RESULT_MISSING : RESULT_UNKNOWN;
}

static enum result classify(int handle)
{
	struct stat st;
	enum result result = fstat(handle, &st) == 0 && S_ISDIR(st.st_mode) ? RESULT_FOLDER : RESULT_FILE;
	close(handle);
	return result;
}

/* ---- the fixed places ---- */

static void add_fixed(struct places *places, const char *path, size_t length)
{
	if (places->count == MOST_FIXED || length == 0 || length >= PATH_BYTES)
		return;
	char *copy = strndup(path, length);
	int folder = copy ? open_handle(places->root, copy, O_DIRECTORY, RESOLVE_IN_ROOT) : -1;
	if (folder >= 0)
		places->fixed[places->count++] = (struct fixed_place){folder, length, copy};
	else
		free(copy);
}

/* A line of proc_pid_mountinfo(5): which folder of which device is mounted where. The texts lie in the line. */
struct mounted {
	char *line, *device, *source, *target;
	bool is_read_only, is_on_disk;
};

#define MOST_MOUNTS 512

static bool parse_mount(struct mounted *m)
{
	/* What the kernel keeps in memory changes without being written to. */
	static const char *const in_memory[] = {"proc ", "sysfs ", "tmpfs ", "devtmpfs ", "devpts ", "mqueue ", "cgroup ", "cgroup2 "};
	char *save = NULL, *field[6];
	for (int i = 0; i < 6; i++)
		if (!(field[i] = strtok_r(i == 0 ? m->line : NULL, " ", &save)))
			return false;
	const char *type = strstr(save, "- ");
	if (!type)
		return false;
	m->device = field[2];
	m->source = field[3];
	m->target = field[4];
	m->is_read_only = strcmp(field[5], "ro") == 0 || strncmp(field[5], "ro,", 3) == 0;
	m->is_on_disk = true;
	for (size_t i = 0; i < sizeof in_memory / sizeof *in_memory; i++)
		if (strncmp(type + 2, in_memory[i], strlen(in_memory[i])) == 0)
			m->is_on_disk = false;
	return true;
}

static bool lies_in(const char *path, const char *folder)
{
	size_t length = strlen(folder);
	return length == 1 || (strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0'));
}

/* Read-only, and no part of it can be written to through another mount of the sandbox. */
static bool is_fixed_mount(const struct mounted *m, const struct mounted *all, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!all[i].is_read_only && strcmp(all[i].device, m->device) == 0 &&
		    (lies_in(all[i].source, m->source) || lies_in(m->source, all[i].source)))
			return false;
	/* \040 and the like: a folder with such a name is merely not known as fixed. */
	return m->is_read_only && m->is_on_disk && !strchr(m->target, '\\');
}

/* More mounts than there is room for could be writable: then nothing is known as fixed, which is only slower. */
static bool read_mounts(struct places *places, pid_t first, bool *root_is_fixed)
{
	static struct mounted all[MOST_MOUNTS];
	char name[64], *line = NULL;
	size_t count = 0, size = 0;
	snprintf(name, sizeof name, "/proc/%d/mountinfo", (int)first);
	FILE *file = fopen(name, "re");
	if (!file)
		return false;
	bool is_whole = true;
	while (is_whole && getline(&line, &size, file) > 0) {
		is_whole = count < MOST_MOUNTS && (all[count].line = strdup(line)) && parse_mount(&all[count]);
		if (count < MOST_MOUNTS)
			count++;
	}
	free(line);
	fclose(file);
	for (size_t i = 0; is_whole && i < count; i++) {
		if (strcmp(all[i].target, "/") == 0)
			*root_is_fixed = all[i].is_read_only;
		else if (is_fixed_mount(&all[i], all, count))
			add_fixed(places, all[i].target, strlen(all[i].target));
	}
	for (size_t i = 0; i < count; i++)
		free(all[i].line);
	return true;
}

/* On a merged-usr system /lib64 and the like are links in the sandbox's own root. */
static void read_top_links(struct places *places)
{
	int folder = open_handle(places->root, ".", 0, RESOLVE_IN_ROOT);
	char name[64];
	snprintf(name, sizeof name, "/proc/self/fd/%d", folder);
	DIR *top = folder < 0 ? NULL : opendir(name);
	size_t overlays = places->count;
	for (const struct dirent *e; top && (e = readdir(top));) {
		char path[300], text[PATH_BYTES], target[PATH_BYTES + 2];
		int length = snprintf(path, sizeof path, "/%s", e->d_name);
		ssize_t n = readlinkat(places->root, e->d_name, text, sizeof text - 1);
		if (n <= 0)
			continue;
		text[n] = '\0';
		snprintf(target, sizeof target, "%s%s", text[0] == '/' ? "" : "/", text);
		for (size_t i = 0; i < overlays; i++) {
			const struct fixed_place *f = &places->fixed[i];
			if (strncmp(target, f->path, f->length) == 0 && (target[f->length] == '/' || target[f->length] == '\0')) {
				add_fixed(places, path, (size_t)length);
				break;
			}
		}
	}
	if (top)
		closedir(top);
	if (folder >= 0)
		close(folder);
}

bool places_open(struct places *places, pid_t first)
{
	bool root_is_fixed = false;
	char name[64];
	*places = (struct places){.root = -1, .answers = calloc(ANSWERS, sizeof *places->answers)};
	snprintf(name, sizeof name, "/proc/%d/root", (int)first);
	places->root = places->answers ? open(name, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (places->root < 0 || !read_mounts(places, first, &root_is_fixed)) {
		int saved = errno;
		places_close(places);
		errno = saved;
		return false;
	}
	if (root_is_fixed)
		read_top_links(places);
	return true;
}

void places_close(struct places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		close(places->fixed[i].folder);
		free(places->fixed[i].path);
	}
	if (places->root >= 0)
		close(places->root);
	free(places->answers);
	*places = (struct places){.root = -1};
}

static struct answer *answer_slot(const struct places *places, const char *path, size_t length)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < length; i++)
		h = (h ^ (uint8_t)path[i]) * 16777619u;
	return &places->answers[(h ^ (h >> 15)) % ANSWERS];
}

/*
 * The answer for a path in a fixed place, or RESULT_UNKNOWN when it is in none or its walk leaves it. RESOLVE_NO_XDEV is the
 * proof: the walk met this mount only, and the mount does not change.
 */
static enum result look_fixed(struct places *places, const char *path, bool follow)
{
	const struct fixed_place *place = NULL;
	for (size_t i = 0; i < places->count; i++) {
		const struct fixed_place *f = &places->fixed[i];
		if (strncmp(path, f->path, f->length) == 0 && (path[f->length] == '/' || (path[f->length] == '\0' && follow)) &&
		    (!place || f->length > place->length))
			place = f;
	}
	if (!place)
		return RESULT_UNKNOWN;
	size_t length = strlen(path);
	struct answer *answer = length <= ANSWER_PATH ? answer_slot(places, path, length) : NULL;
	bool same = answer && answer->length == length && memcmp(answer->path, path, length) == 0;
	if (same && answer->result[follow] != RESULT_UNKNOWN)
		return (enum result)answer->result[follow];
	int handle = open_handle(place->folder, path + place->length, follow ? 0 : O_NOFOLLOW, RESOLVE_NO_XDEV);
	enum result result = handle < 0 ? classify_error(errno) : classify(handle);
	if (result == RESULT_UNKNOWN)
		return result;
	if (answer && !same) {
		*answer = (struct answer){.length = (uint8_t)length};
		memcpy(answer->path, path, length);
	}
	if (answer)
		answer->result[follow] = (uint8_t)result;
	return result;
}

/* ---- the walk ---- */

static void add_hop(struct hops *hops, const char *path)
{
	size_t length = strlen(path) + 1;
	if (hops->count == MOST_HOPS || length > sizeof hops->bytes - hops->used) {
		hops->cut = true;
		return;
	}
	memcpy(hops->bytes + hops->used, path, length);
	hops->used += length;
	hops->count++;
}

static bool is_fixed(const struct places *places, const char *path)
{
	for (size_t i = 0; i < places->count; i++) {
		const struct fixed_place *f = &places->fixed[i];
		if (strncmp(path, f->path, f->length) == 0 && (path[f->length] == '/' || path[f->length] == '\0'))
			return true;
	}
	return false;
}

/* /proc shows the supervisor, who stands outside of the sandbox's pid namespace, something else than the caller. */
static bool is_proc(const char *path)
{
	return strncmp(path, "/proc/", 6) == 0;
}

/* The text of the link at a path whose parents hold no links; -1 when there is no link. */
static ssize_t link_text(const struct places *places, const char *path, char *out, size_t size)
{
	int handle = open_handle(places->root, path, O_NOFOLLOW, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (handle < 0)
		return -1;
	ssize_t n = readlinkat(handle, "", out, size - 1);
	close(handle);
	if (n >= 0)
		out[n] = '\0';
	return n;
}

static enum result look_plain(const struct places *places, const char *path, bool follow)
{
	int handle = open_handle(places->root, path, follow ? 0 : O_NOFOLLOW, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	return handle >= 0 ? classify(handle) : classify_error(errno);
}

/* Follows the links of `path` one by one as path_resolution(7) says; a path too long or with too many of them leads nowhere. */
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
				bool within = is_fixed(places, done);
				done[parent] = '\0';
				int made = snprintf(next, sizeof next, "%s%s%s%s", text[0] == '/' ? "" : done, text[0] == '/' ? "" : "/", text, at + part);
				if (made < 0 || (size_t)made >= sizeof next)
					return RESULT_MISSING;
				if (!within) {
					add_hop(hops, next);
					enum result result = look_fixed(places, next, follow);
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
	hops->count = hops->used = 0;
	hops->cut = false;
	if (places->root < 0 || is_proc(path))
		return RESULT_UNKNOWN;
	enum result result = look_fixed(places, path, follow);
	if (result == RESULT_UNKNOWN)
		result = look_plain(places, path, follow);
	return result == RESULT_UNKNOWN ? walk(places, path, follow, hops) : result;
}
