/* Cgroups whose makers are dead. */
#ifndef EBUILD_AUDIT_CGROUP_REMAINS_H
#define EBUILD_AUDIT_CGROUP_REMAINS_H

#include <stdbool.h>
#include <stddef.h>

/* Removes the cgroups in `parent` whose makers are dead, with what is still in them. */
void cgroup_remove_stale(const char *parent);
/* Does so in every place where this process could make one. */
void cgroup_clean(void);
/* Makes a name that tells that a cgroup is this process's. Returns false when /proc does not say when the process started. */
bool cgroup_name(char *out, size_t size);
/* Kills what is in the cgroup at `path` (Linux 5.14). */
void cgroup_kill_at(const char *path);
/* Waits for what was killed to leave, and removes the cgroup. */
void cgroup_remove_at(const char *path);

#endif
