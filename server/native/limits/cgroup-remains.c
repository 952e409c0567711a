/*
 * Names cgroups so that a dead run's is known, and removes those. The name holds the helper's pid, the time when that process started,
 * and the PID namespace in which the number means something.
 */
#include "limits/cgroup-remains.h"

#include "base/cleanup.h"
#include "base/open.h"
#include "base/paths.h"
#include "base/process-stat.h"
#include "base/text-file.h"
#include "limits/cgroup-place.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "ebuild-audit-"

static bool start_of(pid_t pid, uint64_t *start)
{
	char name[64], text[1024];
	struct process_stat stat;
	snprintf(name, sizeof name, "/proc/%d/stat", (int)pid);
	if (read_text(AT_FDCWD, name, text, sizeof text) < 0 || !parse_stat(text, &stat))
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

/* Whether the name is that of a run whose helper is dead. In doubt it is not. */
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

bool cgroup_name(char *out, size_t size)
{
	uint64_t start;
	if (!start_of(getpid(), &start))
		return false;
	snprintf(out, size, PREFIX "%d-%llu-%llu", (int)getpid(), (unsigned long long)start, (unsigned long long)own_namespace());
	return true;
}

void cgroup_kill_at(const char *path)
{
	char file[PATH_BYTES + 512];
	snprintf(file, sizeof file, "%s/cgroup.kill", path);
	write_text(file, "1");
}

void cgroup_remove_at(const char *path)
{
	/* What was killed may still be leaving. */
	for (int tries = 0; rmdir(path) != 0 && errno == EBUSY && tries < 50; tries++)
		usleep(10000);
}

void cgroup_remove_stale(const char *parent)
{
	AUTO_CLOSE_FOLDER DIR *entries = open_folder_at(AT_FDCWD, parent);
	if (!entries)
		return;
	for (const struct dirent *e; (e = readdir(entries));) {
		char path[PATH_BYTES + 256];
		if (!is_stale(e->d_name))
			continue;
		snprintf(path, sizeof path, "%s/%s", parent, e->d_name);
		cgroup_kill_at(path);
		cgroup_remove_at(path);
	}
}

void cgroup_clean(void)
{
	char mount[PATH_BYTES], own[PATH_BYTES], path[2 * PATH_BYTES];
	if (!cgroup_own(mount, own))
		return;
	snprintf(path, sizeof path, "%s%s", mount, own);
	for (;;) {
		cgroup_remove_stale(path);
		if (strlen(path) <= strlen(mount))
			return;
		*strrchr(path, '/') = '\0';
	}
}
