/* Where the links below /proc lead. */
#ifndef EBUILD_AUDIT_PROC_LINKS_H
#define EBUILD_AUDIT_PROC_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* On whose behalf /proc is read: a thread, and the process that it belongs to. Both are ids of the supervisor's. */
struct proc_reader {
	pid_t tid, leader;
};

bool is_proc(const char *path);
/* The name that stands for /proc/thread-self, whose number in the sandbox is not known here. */
#define THREAD_SELF "/proc/self/task/thread-self"

enum proc_link {
	PROC_NO_LINK, /* a file or folder, or a link by text */
	PROC_LINK,    /* `out` is the path that it leads to */
	PROC_PIPE,    /* it leads to something without a path */
	PROC_LOST,    /* it could not be read */
};

/*
 * What the path `path` below /proc is, in which neither links by text nor `.` or `..` are left. `root` is the root of the sandbox, whose
 * /proc numbers the processes.
 */
enum proc_link read_proc_link(int root, struct proc_reader reader, const char *path, char *out, size_t size);

#endif
