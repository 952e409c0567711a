/*
 * Knows the parts of the view in which nothing changes during a run. Most of the sandbox is read-only mounts. What was found there once
 * is remembered for ever, and whoever reads the trace follows the links there later.
 */
#include "trace/fixed-places.h"

#include "base/cleanup.h"
#include "base/open.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether `path` begins with the path of a place and goes on below it or ends there. */
static bool lies_in_place(const char *path, const struct fixed_place *f)
{
	return strncmp(path, f->path, f->length) == 0 && (path[f->length] == '/' || path[f->length] == '\0');
}

static void add_fixed(struct fixed_places *places, int root, const char *path)
{
	size_t length = strlen(path);
	if (places->count == MOST_FIXED || length == 0 || length >= PATH_BYTES)
		return;
	AUTO_FREE char *copy = strdup(path);
	int folder = copy ? open_handle(root, copy, O_DIRECTORY, RESOLVE_IN_ROOT) : -1;
	if (folder < 0)
		return;
	places->list[places->count++] = (struct fixed_place){folder, length, copy};
	copy = NULL;
}

/* A line of proc_pid_mountinfo(5), which says what folder of what device is mounted where. The texts lie in the line. */
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
	/* A name with a space is written as \040. Such a folder is merely not known as fixed. */
	return m->is_read_only && m->is_on_disk && !strchr(m->target, '\\');
}

/* Splits `file` into mounts. Returns false when they do not fit or make no sense. The caller frees the lines in either case. */
static bool parse_mounts(FILE *file, struct mounted all[MOST_MOUNTS], size_t *count)
{
	AUTO_FREE char *line = NULL;
	size_t size = 0;
	bool is_whole = true;
	while (is_whole && getline(&line, &size, file) > 0) {
		is_whole = *count < MOST_MOUNTS && (all[*count].line = strdup(line)) && parse_mount(&all[*count]);
		if (*count < MOST_MOUNTS)
			++*count;
	}
	return is_whole;
}

static void forget_mounts(struct fixed_places *places)
{
	while (places->mount_count > 0)
		free(places->mounts[--places->mount_count].target);
	free_memory(&places->mounts);
}

/* Keeps nothing when memory is short, or when a name is not written as it is (\040). */
static void keep_mounts(struct fixed_places *places, const struct mounted *all, size_t count)
{
	places->mounts = calloc(count, sizeof *places->mounts);
	for (size_t i = 0; places->mounts && i < count; i++) {
		char *target = strchr(all[i].target, '\\') ? NULL : strdup(all[i].target);
		if (!target) {
			forget_mounts(places);
			return;
		}
		places->mounts[places->mount_count++] = (struct known_mount){target, strlen(target), !all[i].is_read_only};
	}
}

/* A mount for which there is no room could be writable. Nothing is known as fixed then, which is only slower. */
static bool read_mounts(struct fixed_places *places, int root, pid_t first, bool *root_is_fixed)
{
	static struct mounted all[MOST_MOUNTS];
	char name[64];
	size_t count = 0;
	snprintf(name, sizeof name, "/proc/%d/mountinfo", (int)first);
	AUTO_CLOSE_FILE FILE *file = fopen(name, "re");
	if (!file)
		return false;
	bool is_whole = parse_mounts(file, all, &count);
	for (size_t i = 0; is_whole && i < count; i++) {
		if (strcmp(all[i].target, "/") == 0)
			*root_is_fixed = all[i].is_read_only;
		else if (is_fixed_mount(&all[i], all, count))
			add_fixed(places, root, all[i].target);
	}
	if (is_whole)
		keep_mounts(places, all, count);
	for (size_t i = 0; i < count; i++)
		free(all[i].line);
	return true;
}

/* On a merged-usr system /lib64 and the like are links in the sandbox's own root. */
static void read_top_links(struct fixed_places *places, int root)
{
	AUTO_CLOSE int handle = open_handle(root, ".", 0, RESOLVE_IN_ROOT);
	AUTO_CLOSE_FOLDER DIR *top = handle < 0 ? NULL : open_folder_at(handle, ".");
	size_t overlays = places->count;
	for (const struct dirent *e; top && (e = readdir(top));) {
		char path[300], text[PATH_BYTES], target[PATH_BYTES + 2];
		snprintf(path, sizeof path, "/%s", e->d_name);
		ssize_t n = readlinkat(root, e->d_name, text, sizeof text - 1);
		if (n <= 0)
			continue;
		text[n] = '\0';
		snprintf(target, sizeof target, "%s%s", text[0] == '/' ? "" : "/", text);
		for (size_t i = 0; i < overlays; i++)
			if (lies_in_place(target, &places->list[i])) {
				add_fixed(places, root, path);
				break;
			}
	}
}

bool fixed_places_open(struct fixed_places *places, int root, pid_t first)
{
	bool root_is_fixed = false;
	*places = (struct fixed_places){.answers = calloc(ANSWERS, sizeof *places->answers)};
	if (!places->answers || !read_mounts(places, root, first, &root_is_fixed))
		return false;
	if (root_is_fixed)
		read_top_links(places, root);
	return true;
}

void fixed_places_close(struct fixed_places *places)
{
	for (size_t i = 0; i < places->count; i++) {
		close_descriptor(&places->list[i].folder);
		free_memory(&places->list[i].path);
	}
	places->count = 0;
	forget_mounts(places);
	free_memory(&places->answers);
}

bool fixed_places_hold(const struct fixed_places *places, const char *path)
{
	for (size_t i = 0; i < places->count; i++)
		if (lies_in_place(path, &places->list[i]))
			return true;
	return false;
}

/* Later mounts lie on earlier ones of the same name. */
bool fixed_places_are_left(const struct fixed_places *places, const char *path)
{
	const struct known_mount *last = NULL;
	for (size_t i = 0; i < places->mount_count; i++) {
		const struct known_mount *m = &places->mounts[i];
		if (lies_in(path, m->target) && (!last || m->length >= last->length))
			last = m;
	}
	return last && last->is_writable;
}

static struct answer *answer_slot(const struct fixed_places *places, const char *path, size_t length)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < length; i++)
		h = (h ^ (uint8_t)path[i]) * 16777619u;
	return &places->answers[(h ^ (h >> 15)) % ANSWERS];
}

/* RESOLVE_NO_XDEV proves that the walk met this mount only, which does not change. */
enum result fixed_places_look(struct fixed_places *places, const char *path, bool follow)
{
	const struct fixed_place *place = NULL;
	for (size_t i = 0; i < places->count; i++) {
		const struct fixed_place *f = &places->list[i];
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
	enum result result = look_at(place->folder, path + place->length, follow ? 0 : O_NOFOLLOW, RESOLVE_NO_XDEV);
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
