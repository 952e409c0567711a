/*
 * A cgroup of its own for each run, where one can be had (cgroups(7)): the kernel then counts exactly, and one write kills all.
 *
 * Only folders are made, in a cgroup that lets this process make them; which controllers the children of a cgroup have is the
 * machine's own business and stays as it is.
 */
#include "limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PREFIX "ebuild-audit-"

static bool read_file(const char *folder, const char *name, char *text, size_t size)
{
	char path[PATH_BYTES + 64];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = 0;
	size_t used = 0;
	while (used < size - 1 && (n = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	close(fd);
	text[used] = '\0';
	return n >= 0;
}

static bool write_file(const char *folder, const char *name, const char *text)
{
	char path[PATH_BYTES + 64];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* ---- where ---- */

/* Copies one field of mountinfo, in which spaces and their like are written as \ooo (proc(5)). */
static bool take_field(const char *field, size_t length, char out[PATH_BYTES])
{
	size_t used = 0;
	for (size_t i = 0; i < length && used < PATH_BYTES - 1; used++) {
		if (field[i] == '\\' && length - i >= 4) {
			out[used] = (char)((field[i + 1] - '0') << 6 | (field[i + 2] - '0') << 3 | (field[i + 3] - '0'));
			i += 4;
		} else {
			out[used] = field[i++];
		}
	}
	out[used] = '\0';
	return used < PATH_BYTES - 1;
}

/* The root and the mount point of the line, when it is a mount of cgroup2. */
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

/* How many of our controllers the children of a cgroup have; -1 when this process can make no child there. */
static int rate_parent(const char *path)
{
	char text[1024], members[PATH_BYTES + 64];
	snprintf(members, sizeof members, "%s/cgroup.procs", path);
	if (faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) != 0 || faccessat(AT_FDCWD, members, W_OK, AT_EACCESS) != 0)
		return -1;
	if (!read_file(path, "cgroup.subtree_control", text, sizeof text))
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

static bool locate_own(char mount[PATH_BYTES], char own[PATH_BYTES])
{
	static char mountinfo[1 << 18], cgroups[1 << 14];
	return read_file("/proc/self", "mountinfo", mountinfo, sizeof mountinfo) &&
	       read_file("/proc/self", "cgroup", cgroups, sizeof cgroups) && cgroup_locate(mountinfo, cgroups, mount, own);
}

/* ---- whose ---- */

static bool start_of(pid_t pid, uint64_t *start)
{
	char folder[64], text[1024];
	struct process_stat stat;
	snprintf(folder, sizeof folder, "/proc/%d", (int)pid);
	if (!read_file(folder, "stat", text, sizeof text) || !parse_stat(text, &stat))
		return false;
	*start = stat.start;
	return true;
}

/* The inode number of our PID namespace, in which pids mean something. */
static uint64_t own_namespace(void)
{
	struct stat st;
	return stat("/proc/self/ns/pid", &st) == 0 ? (uint64_t)st.st_ino : 0;
}

/* Whether NAME is of a run whose helper is dead. In doubt it is not. */
static bool is_stale(const char *name)
{
	unsigned long long pid, start, namespace;
	uint64_t found;
	int length = 0;
	if (sscanf(name, PREFIX "%llu-%llu-%llu%n", &pid, &start, &namespace, &length) != 3 || name[length] != '\0')
		return false;
	if (namespace != own_namespace() || pid == 0 || pid > INT32_MAX)
		return false;
	if (!start_of((pid_t)pid, &found))
		return kill((pid_t)pid, 0) != 0 && errno == ESRCH;
	return found != start;
}

static void remove_folder(const char *path)
{
	/* What was killed is still leaving. */
	for (int tries = 0; rmdir(path) != 0 && errno == EBUSY && tries < 50; tries++)
		usleep(10000);
}

void cgroup_remove_stale(const char *parent)
{
	DIR *entries = opendir(parent);
	if (!entries)
		return;
	for (const struct dirent *e; (e = readdir(entries));) {
		char path[PATH_BYTES + 256];
		if (!is_stale(e->d_name))
			continue;
		snprintf(path, sizeof path, "%s/%s", parent, e->d_name);
		write_file(path, "cgroup.kill", "1");
		remove_folder(path);
	}
	closedir(entries);
}

void cgroup_clean(void)
{
	char mount[PATH_BYTES], own[PATH_BYTES], path[2 * PATH_BYTES];
	if (!locate_own(mount, own))
		return;
	snprintf(path, sizeof path, "%s%s", mount, own);
	for (;;) {
		cgroup_remove_stale(path);
		if (strlen(path) <= strlen(mount))
			return;
		*strrchr(path, '/') = '\0';
	}
}

/* ---- one run ---- */

/* Writes a number; false when the cgroup has no such file. */
static bool put(const struct cgroup *cgroup, const char *name, uint64_t value)
{
	char text[32];
	snprintf(text, sizeof text, "%llu", (unsigned long long)value);
	return write_file(cgroup->path, name, text);
}

bool cgroup_make(struct cgroup *cgroup, const char *parent, const char *name, const struct limits *limits)
{
	*cgroup = (struct cgroup){0};
	char path[PATH_BYTES];
	if (snprintf(path, sizeof path, "%s/%s", parent, name) >= (int)sizeof path || (mkdir(path, 0755) != 0 && errno != EEXIST))
		return false;
	memcpy(cgroup->path, path, sizeof path);
	uint64_t memory = limits->most[LIMIT_MEMORY], processes = limits->most[LIMIT_PROCESSES];
	cgroup->pids = processes != 0 && put(cgroup, "pids.max", processes);
	cgroup->memory = memory != 0 && put(cgroup, "memory.max", memory);
	if (cgroup->memory) {
		/* Else a flood would go on into the swap space; where the machine has none there is no such file. */
		put(cgroup, "memory.swap.max", 0);
		/* All or none: a build that has lost one process says something else than what was the matter. */
		put(cgroup, "memory.oom.group", 1);
	}
	return true;
}

bool cgroup_open(struct cgroup *cgroup, const struct limits *limits)
{
	char mount[PATH_BYTES], own[PATH_BYTES], parent[PATH_BYTES], name[128];
	uint64_t start;
	*cgroup = (struct cgroup){0};
	if (!locate_own(mount, own) || !cgroup_choose(mount, own, parent) || !start_of(getpid(), &start))
		return false;
	cgroup_remove_stale(parent);
	snprintf(name, sizeof name, PREFIX "%d-%llu-%llu", (int)getpid(), (unsigned long long)start,
	         (unsigned long long)own_namespace());
	return cgroup_make(cgroup, parent, name, limits);
}

pid_t cgroup_fork(struct cgroup *cgroup)
{
	int fd = cgroup->path[0] ? open(cgroup->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		struct clone_args arguments = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)fd};
		pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
		if (pid != 0)
			close(fd);
		if (pid >= 0)
			return pid;
	}
	/* Linux before 5.7, or a rule of the machine's that does not let processes be moved there. */
	cgroup_remove(cgroup);
	return fork();
}

/* The number after `key` in a file of lines "key number" (memory.events, pids.events). */
static uint64_t event_count(const struct cgroup *cgroup, const char *name, const char *key)
{
	char text[1024];
	size_t length = strlen(key);
	if (!read_file(cgroup->path, name, text, sizeof text))
		return 0;
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, key, length) == 0 && line[length] == ' ')
			return strtoull(line + length + 1, NULL, 10);
	return 0;
}

enum limit cgroup_exceeded(const struct cgroup *cgroup)
{
	if (cgroup->pids && event_count(cgroup, "pids.events", "max") > 0)
		return LIMIT_PROCESSES;
	if (cgroup->memory && event_count(cgroup, "memory.events", "oom") > 0)
		return LIMIT_MEMORY;
	return LIMIT_NONE;
}

void cgroup_kill(const struct cgroup *cgroup)
{
	if (cgroup->path[0])
		write_file(cgroup->path, "cgroup.kill", "1");
}

void cgroup_remove(struct cgroup *cgroup)
{
	if (cgroup->path[0])
		remove_folder(cgroup->path);
	*cgroup = (struct cgroup){0};
}
