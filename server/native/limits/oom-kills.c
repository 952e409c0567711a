/*
 * Tells a build that the kernel has disturbed from one that failed. A container around the product, or the machine, can run out of memory
 * before any limit of ours is met. The kernel then kills a compiler, and the build says something else than what was the matter.
 */
#include "limits/oom-kills.h"

#include "base/text-file.h"
#include "limits/cgroup-place.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* memory.events and memory.oom_control of a cgroup and /proc/vmstat have a line with this key (since Linux 4.13). */
#define KEY "oom_kill"

/* Where version 1 is mounted, and how its line in /proc/self/cgroup begins behind the number. */
#define FOLDER_1 "/sys/fs/cgroup/memory"
#define LINE_1 ":memory:/"

static bool take_file(struct oom_kills *kills, const char *mount, const char *own, const char *name)
{
	return snprintf(kills->file, sizeof kills->file, "%s%s/%s", mount, own, name) < (int)sizeof kills->file &&
	       access(kills->file, R_OK) == 0;
}

/* Version 1 counts those who are in a cgroup itself, as a run is in ours. A container may see its own cgroup as the mount's top. */
static bool take_version_1(struct oom_kills *kills)
{
	static char cgroups[1 << 14];
	char own[PATH_BYTES];
	const char *line = read_text(AT_FDCWD, "/proc/self/cgroup", cgroups, sizeof cgroups) > 0 ? strstr(cgroups, LINE_1) : NULL;
	if (!line)
		return false;
	line += strlen(LINE_1) - 1;
	snprintf(own, sizeof own, "%.*s", (int)strcspn(line, "\n"), line);
	return take_file(kills, FOLDER_1, own, "memory.oom_control") || take_file(kills, FOLDER_1, "", "memory.oom_control");
}

void oom_kills_open(struct oom_kills *kills)
{
	char mount[PATH_BYTES], own[PATH_BYTES];
	bool has_own = (cgroup_own(mount, own) && take_file(kills, mount, own, "memory.events")) || take_version_1(kills);
	if (!has_own)
		snprintf(kills->file, sizeof kills->file, "/proc/vmstat");
	kills->before = read_count(kills->file, KEY);
}

bool oom_kills_happened(const struct oom_kills *kills, const struct cgroup *cgroup)
{
	char file[PATH_BYTES + 64];
	snprintf(file, sizeof file, "%s/memory.events", cgroup->path);
	if (cgroup->path[0] && access(file, R_OK) == 0)
		return read_count(file, KEY) > 0;
	return read_count(kills->file, KEY) > kills->before;
}
