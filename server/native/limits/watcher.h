/* A process of its own, so that nothing the sandbox does to the supervisor can delay it. */
#ifndef EBUILD_AUDIT_WATCHER_H
#define EBUILD_AUDIT_WATCHER_H

#include "limits/cgroup.h"
#include "limits/folder-usage.h"
#include "limits/limits.h"

#include <stddef.h>

struct watch {
	struct limits limits;
	/* The folders on disk that the sandbox may write to, and its in-memory ones (NULL: none). */
	char **folders;
	size_t folder_count;
	const char *scratch;
	/* The sandbox's /proc, and /proc/sysvipc/shm of its IPC namespace. -1 stands for none. */
	int proc, segments;
	struct cgroup cgroup;
	/* What lay in the folders when the run began. */
	struct folder_usage before;
};

/* Takes stock, before the command runs. */
void watch_prepare(struct watch *watch);
/* Watches until a limit is exceeded, and leaves with its number. On SIGTERM it looks once more and leaves in any case. */
_Noreturn void watch_run(const struct watch *watch);

#endif
