/* The place for a cgroup, cgroups(7) version 2. */
#ifndef EBUILD_AUDIT_CGROUP_PLACE_H
#define EBUILD_AUDIT_CGROUP_PLACE_H

#include "base/paths.h"

/*
 * Finds the cgroups of version 2 in the texts of /proc/self/mountinfo and /proc/self/cgroup. `mount` becomes their mount point. `own`
 * becomes the path of this process below it, which is "" or begins with a slash.
 */
bool cgroup_locate(const char *mountinfo, const char *cgroups, char mount[PATH_BYTES], char own[PATH_BYTES]);
/*
 * Chooses the folder in which this process makes a cgroup, from the one that it is in up to `mount`. It is the nearest of those whose
 * children have the most of our controllers.
 */
bool cgroup_choose(const char *mount, const char *own, char parent[PATH_BYTES]);
/* Does what cgroup_locate does for this process. */
bool cgroup_own(char mount[PATH_BYTES], char own[PATH_BYTES]);

#endif
