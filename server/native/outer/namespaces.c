/* Moves the supervisor into namespaces of its own. What it mounts there is seen by nobody else and ends with it. */
#include "outer/namespaces.h"

#include "base/text-file.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

static bool enter_user_namespace(struct failure *failure)
{
	char uid_map[64], gid_map[64];
	snprintf(uid_map, sizeof uid_map, "0 %u 1\n", (unsigned)geteuid());
	snprintf(gid_map, sizeof gid_map, "0 %u 1\n", (unsigned)getegid());
	if (unshare(CLONE_NEWUSER) != 0)
		return fail(failure, "user-namespace", errno, "");
	if (!write_text("/proc/self/setgroups", "deny\n") && errno != ENOENT)
		return fail(failure, "id-map", errno, "");
	return (write_text("/proc/self/uid_map", uid_map) && write_text("/proc/self/gid_map", gid_map)) ||
	       fail(failure, "id-map", errno, "");
}

bool enter_namespaces(bool is_root, struct failure *failure)
{
	if (!is_root && !enter_user_namespace(failure))
		return false;
	if (unshare(CLONE_NEWNS) != 0)
		return fail(failure, "mount-namespace", errno, "");
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 || fail(failure, "private-mounts", errno, "");
}
