/* A cgroup of its own for each run. */
#ifndef EBUILD_AUDIT_CGROUP_H
#define EBUILD_AUDIT_CGROUP_H

#include "base/paths.h"
#include "limits/limits.h"

#include <sys/types.h>

struct cgroup {
	/* Where it was made; empty: there is none. */
	char path[PATH_BYTES];
	/* Which controllers it has. */
	bool memory, pids;
};

/* Makes and fills the cgroup NAME in `parent`. */
bool cgroup_make(struct cgroup *cgroup, const char *parent, const char *name, const struct limits *limits);
/* All of it for this process: removes what dead ones have left, and makes one. False: there is no cgroup to be had. */
bool cgroup_open(struct cgroup *cgroup, const struct limits *limits);
/* Starts a child inside it, like fork(2). Without a cgroup, or where the kernel refuses, a plain one; the cgroup is then given up. */
pid_t cgroup_fork(struct cgroup *cgroup);
/* What its controllers have had to refuse. */
enum limit cgroup_exceeded(const struct cgroup *cgroup);
/* Kills whatever is in it (Linux 5.14). */
void cgroup_kill(const struct cgroup *cgroup);
/* Removes it once it is empty. */
void cgroup_remove(struct cgroup *cgroup);

#endif
