/* A cgroup of its own for each run. */
#ifndef EBUILD_AUDIT_CGROUP_H
#define EBUILD_AUDIT_CGROUP_H

#include "base/paths.h"
#include "limits/limits.h"

#include <sys/types.h>

struct cgroup {
	/* Where it was made. The path is empty when there is none. */
	char path[PATH_BYTES];
	/* Which controllers it has. */
	bool memory, pids;
};

/* Makes and fills the cgroup NAME in `parent`. */
bool cgroup_make(struct cgroup *cgroup, const char *parent, const char *name, const struct limits *limits);
/* Removes what dead runs have left and makes a cgroup for this process. Returns false when there is none to be had. */
bool cgroup_open(struct cgroup *cgroup, const struct limits *limits);
/* Starts a child inside it, like fork(2). Where the kernel refuses, the child is a plain one and the cgroup is given up. */
pid_t cgroup_fork(struct cgroup *cgroup);
/* Forgets the controllers that it has lost, because somebody took them from its parent or removed it. */
void cgroup_check(struct cgroup *cgroup);
/* Returns the number after `key` in a file of lines "key number", such as memory.events; 0 when there is none. */
uint64_t read_count(const char *file, const char *key);
/* Returns what its controllers have had to refuse. */
enum limit cgroup_exceeded(const struct cgroup *cgroup);
/* Kills whatever is in it (Linux 5.14). */
void cgroup_kill(const struct cgroup *cgroup);
/* Removes it once it is empty. */
void cgroup_remove(struct cgroup *cgroup);

#endif
