/*
 * Finds the cgroups in which this process may make one. It changes none of them: what controllers the children of a cgroup have is
 * the machine's own business.
 */
#include "limits/cgroup-place.h"

#include "base/text-file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Copies one field of mountinfo, in which spaces and their like are written as \ooo (proc(5)). */
static bool take_field(const char *field, size_t length, char out[PATH_BYTES])
{
	size_t used = 0;
	for (size_t i = 0; i < length && used < PATH_BYTES - 1; used++) {
		if (field[i] == '\\' && length - i >= 4 && strspn(field + i + 1, "01234567") >= 3) {
			out[used] = (char)((field[i + 1] - '0') << 6 | (field[i + 2] - '0') << 3 | (field[i + 3] - '0'));
			i += 4;
		} else {
			out[used] = field[i++];
		}
	}
	out[used] = '\0';
	return used < PATH_BYTES - 1;
}

/* Takes the root and the mount point out of a line of mountinfo. Returns false when it is no mount of cgroup2. */
static bool parse_mount(const char *line, size_t length, char root[PATH_BYTES], char mount[PATH_BYTES])
{
	static const char type[] = " - cgroup2 ";
	if (!memmem(line, length, type, sizeof type - 1))
		return false;
	const char *fields[6] = {line};
	for (int i = 1; i < 6; i++) {
		const char *space = memchr(fields[i - 1], ' ', length - (size_t)(fields[i - 1] - line));
		if (!space)
			return false;
		fields[i] = space + 1;
	}
	return take_field(fields[3], (size_t)(fields[4] - fields[3] - 1), root) &&
	       take_field(fields[4], (size_t)(fields[5] - fields[4] - 1), mount);
}

bool cgroup_locate(const char *mountinfo, const char *cgroups, char mount[PATH_BYTES], char own[PATH_BYTES])
{
	char root[PATH_BYTES];
	const char *line = strncmp(cgroups, "0::", 3) == 0 ? cgroups : strstr(cgroups, "\n0::");
	if (!line)
		return false;
	line += *line == '\n' ? 4 : 3;
	size_t length = strcspn(line, "\n");
	/* "/.." begins a path outside of our cgroup namespace. */
	if (length == 0 || length >= PATH_BYTES || line[0] != '/' || strncmp(line, "/..", 3) == 0)
		return false;
	memcpy(own, line, length);
	own[length] = '\0';
	for (const char *at = mountinfo; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		if (!parse_mount(at, strcspn(at, "\n"), root, mount))
			continue;
		size_t inside = strcmp(root, "/") == 0 ? 0 : strlen(root);
		if (strncmp(own, root, inside) != 0 || (own[inside] != '/' && own[inside] != '\0'))
			continue;
		memmove(own, own + inside, strlen(own + inside) + 1);
		if (strcmp(own, "/") == 0)
			own[0] = '\0';
		return true;
	}
	return false;
}

static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = text; (at = strstr(at, word)); at += length)
		if ((at == text || at[-1] == ' ') && strchr(" \n", at[length]))
			return true;
	return false;
}

/* Returns how many of our controllers the children of a cgroup have, or -1 when this process can make no child there. */
static int rate_parent(const char *path)
{
	char text[1024], file[PATH_BYTES + 64];
	snprintf(file, sizeof file, "%s/cgroup.procs", path);
	if (faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) != 0 || faccessat(AT_FDCWD, file, W_OK, AT_EACCESS) != 0)
		return -1;
	snprintf(file, sizeof file, "%s/cgroup.subtree_control", path);
	if (read_text(AT_FDCWD, file, text, sizeof text) < 0)
		return -1;
	return has_word(text, "memory") + has_word(text, "pids");
}

bool cgroup_choose(const char *mount, const char *own, char parent[PATH_BYTES])
{
	char path[PATH_BYTES];
	int best = -1;
	if (snprintf(path, sizeof path, "%s%s", mount, own) >= (int)sizeof path)
		return false;
	for (;;) {
		int rate = rate_parent(path);
		if (rate > best) {
			best = rate;
			memcpy(parent, path, sizeof path);
		}
		if (strlen(path) <= strlen(mount))
			break;
		*strrchr(path, '/') = '\0';
	}
	return best >= 0;
}

bool cgroup_own(char mount[PATH_BYTES], char own[PATH_BYTES])
{
	static char mountinfo[1 << 18], cgroups[1 << 14];
	return read_text(AT_FDCWD, "/proc/self/mountinfo", mountinfo, sizeof mountinfo) >= 0 &&
	       read_text(AT_FDCWD, "/proc/self/cgroup", cgroups, sizeof cgroups) >= 0 &&
	       cgroup_locate(mountinfo, cgroups, mount, own);
}
