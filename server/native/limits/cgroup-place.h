/* Where a cgroup can be made, cgroups(7) version 2. */
#ifndef EBUILD_AUDIT_CGROUP_PLACE_H
#define EBUILD_AUDIT_CGROUP_PLACE_H

#include "base/paths.h"

/*
 * Where the cgroups of version 2 are, from the texts of /proc/self/mountinfo and /proc/self/cgroup: the mount point in `mount`, and
 * the path of this process below it, "" or beginning with a slash, in `own`.
 */
bool cgroup_locate(const char *mountinfo, const char *cgroups, char mount[PATH_BYTES], char own[PATH_BYTES]);
/*
 * The folder in which this process may make a cgroup: of the one that it is in and those above it, up to `mount`, the nearest of
 * those whose children have the most of our controllers. No folder is changed for it.
 */
bool cgroup_choose(const char *mount, const char *own, char parent[PATH_BYTES]);
/* The same as cgroup_locate for this process; false when there are no cgroups of version 2. */
bool cgroup_own(char mount[PATH_BYTES], char own[PATH_BYTES]);

#endif
