/* A process of its own, so that nothing the sandbox does to the supervisor can delay it. */
#ifndef EBUILD_AUDIT_WATCHER_H
#define EBUILD_AUDIT_WATCHER_H

#include "limits/cgroup.h"
#include "limits/folder-usage.h"
#include "limits/limits.h"

#include <stddef.h>

/* What file systems have in use, that of other programs included. */
struct file_systems {
	uint64_t bytes, files;
};

struct watch {
	struct limits limits;
	/* The folders on disk that the sandbox may write to, and its in-memory ones (NULL: none). */
	char **folders;
	size_t folder_count;
	const char *scratch;
	/* The sandbox's /proc, and /proc/sysvipc/shm of its IPC namespace. -1 stands for none. */
	int proc, segments;
	struct cgroup cgroup;
	/* The stock: what lay in the folders, and what their file systems and the machine's shared memory had in use. */
	struct folder_usage before;
	struct file_systems file_systems_before;
	uint64_t shared_before;
};

/* Takes stock. This comes before the command can run: whatever is taken from then on counts, however quickly. */
void watch_prepare(struct watch *watch);
/* Watches until a limit is exceeded, and leaves with its number. On SIGTERM it looks once more and leaves in any case. */
_Noreturn void watch_run(const struct watch *watch);

#endif
