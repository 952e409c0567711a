/*
 * Tells a build that the kernel has disturbed from one that failed. A container around the product, or the machine, can run out of memory
 * before any limit of ours is met. The kernel then kills a compiler, and the build says something else than what was the matter.
 */
#include "limits/oom-kills.h"

#include "limits/cgroup-place.h"

#include <stdio.h>
#include <unistd.h>

/* Both memory.events of a cgroup and /proc/vmstat have a line with this key (since Linux 4.13). */
#define KEY "oom_kill"

void oom_kills_open(struct oom_kills *kills)
{
	char mount[PATH_BYTES], own[PATH_BYTES];
	bool has_own = cgroup_own(mount, own) &&
	               snprintf(kills->file, sizeof kills->file, "%s%s/memory.events", mount, own) < (int)sizeof kills->file &&
	               access(kills->file, R_OK) == 0;
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
