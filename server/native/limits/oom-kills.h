/* What the kernel killed for want of memory that no limit of ours was the reason of. */
#ifndef EBUILD_AUDIT_OOM_KILLS_H
#define EBUILD_AUDIT_OOM_KILLS_H

#include "limits/cgroup.h"

#include <stdint.h>

/* A file that counts the kills, and what it said when the run began. */
struct oom_kills {
	char file[PATH_BYTES + 64];
	uint64_t before;
};

/* Begins with the cgroup that this process is in, or with the whole machine where that does not count. */
void oom_kills_open(struct oom_kills *kills);
/* Whether the kernel has killed a process of the run since then. A run in a cgroup that counts memory is judged by that alone. */
bool oom_kills_happened(const struct oom_kills *kills, const struct cgroup *cgroup);

#endif
