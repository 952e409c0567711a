/* Moves this process into namespaces of its own. What it mounts there is seen by nobody else and ends with it. */
#include "outer/namespaces.h"

#include "base/text-file.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

static bool enter_user_namespace(struct identity inside, struct failure *failure)
{
	char uid_map[64], gid_map[64];
	snprintf(uid_map, sizeof uid_map, "%u %u 1\n", (unsigned)inside.uid, (unsigned)geteuid());
	snprintf(gid_map, sizeof gid_map, "%u %u 1\n", (unsigned)inside.gid, (unsigned)getegid());
	if (unshare(CLONE_NEWUSER) != 0)
		return fail(failure, "user-namespace", errno, "");
	if (!write_text("/proc/self/setgroups", "deny\n") && errno != ENOENT)
		return fail(failure, "id-map", errno, "");
	return (write_text("/proc/self/uid_map", uid_map) && write_text("/proc/self/gid_map", gid_map)) ||
	       fail(failure, "id-map", errno, "");
}

bool enter_namespaces(const struct identity *inside, struct failure *failure)
{
	if (inside && !enter_user_namespace(*inside, failure))
		return false;
	if (unshare(CLONE_NEWNS) != 0)
		return fail(failure, "mount-namespace", errno, "");
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 || fail(failure, "private-mounts", errno, "");
}
