/* What a run of the sandbox may use, and how that is measured and ended; docs/limits.md tells it to users. */
#ifndef EBUILD_AUDIT_LIMITS_H
#define EBUILD_AUDIT_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "native.h"

/* ---- limits.c: names, values, and the kernel's own limits ---- */

/* Also the exit status with which the watcher and the relay say what was exceeded. */
enum limit { LIMIT_NONE, LIMIT_PROCESSES, LIMIT_MEMORY, LIMIT_DISK, LIMIT_FILES, LIMIT_OUTPUT, LIMIT_TIME, LIMIT_COUNT };

/* In the units of SandboxLimits (server/src/sandbox/sandbox.ts); 0: no limit. */
struct limits {
	uint64_t most[LIMIT_COUNT];
};

/* "" for LIMIT_NONE and for what is no limit. */
const char *limit_name(enum limit limit);
/* Takes over `NAME=NUMBER`; false when it is none. */
bool limits_parse(struct limits *limits, const char *text);
bool limits_any(const struct limits *limits);
/*
 * Sets the resource limits of the calling process, which is about to become bubblewrap: fences a quarter above what the watcher
 * judges, so that it is the watcher who ends a run. Makes the process the first that the kernel kills when memory is short.
 */
void limits_fence(const struct limits *limits);
/* Likewise for the in-memory file system at `scratch`; false with errno. */
bool limits_fence_scratch(const struct limits *limits, const char *scratch);
/* `value` and a quarter of it, at the most UINT64_MAX. */
uint64_t limit_fence_of(uint64_t value);

/* ---- folder-usage.c ---- */

struct folder_usage {
	uint64_t bytes, files;
	/* Something could not be counted: a folder was moved meanwhile, or there are too many names to remember. */
	bool incomplete;
};

/*
 * Adds what lies in the folder `path`, itself left out, to `usage`: the blocks on disk and the number of entries, on one file
 * system, a file with several names once. Takes trees of any depth. Stops as soon as one of `most` is passed (0: never).
 */
void count_folder(const char *path, const struct folder_usage *most, struct folder_usage *usage);

/* ---- process-usage.c: what the processes of a sandbox use, told by the /proc that they see ---- */

struct process_usage {
	/* Processes and threads. */
	uint64_t tasks;
	/* Resident bytes; pages that processes share are counted for each. */
	uint64_t resident;
};

/* A quick look at all processes; `proc` is a descriptor of the sandbox's /proc. */
void count_processes(int proc, struct process_usage *usage);

struct memory_usage {
	/* Bytes of private memory and of shared memory that is mapped, in proportion where several processes share it. */
	uint64_t anonymous, mapped;
	/* Bytes of files without a name that are held open: in memory, and on the disk. */
	uint64_t memory_files, disk_files;
};

/* A thorough look, which costs about a millisecond for every 100 MiB. `scratch` is the device of the in-memory folders. */
void count_memory(int proc, dev_t scratch, struct memory_usage *usage);
/* Only the files without a name. */
void count_open_files(int proc, dev_t scratch, struct memory_usage *usage);
/* The bytes that System V segments take, from the text of /proc/sysvipc/shm (proc(5)). */
uint64_t parse_segments(const char *text);
/* A line "NAME:   123 kB" of a file in /proc, in bytes; 0 when there is none. */
uint64_t parse_kilobytes(const char *text, const char *name);

/* ---- cgroup.c: a cgroup of its own for each run, cgroups(7) version 2 ---- */

struct cgroup {
	/* Where it was made; empty: there is none. */
	char path[PATH_BYTES];
	/* Which controllers it has. */
	bool memory, pids;
};

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
/* Removes the cgroups in `parent` whose makers are dead, with what is still in them. */
void cgroup_remove_stale(const char *parent);
/* Likewise in every place where this process could make one. */
void cgroup_clean(void);

/* ---- watcher.c: a process of its own, so that nothing the sandbox does to the supervisor can delay it ---- */

struct watch {
	struct limits limits;
	/* The folders on disk that the sandbox may write to, and its in-memory ones (NULL: none). */
	char **folders;
	size_t folder_count;
	const char *scratch;
	/* From inside the sandbox: its /proc, and /proc/sysvipc/shm of its IPC namespace; -1 where it has none. */
	int proc, segments;
	struct cgroup cgroup;
	/* What lay in the folders when the run began. */
	struct folder_usage before;
};

/* Takes stock, before the command runs. */
void watch_prepare(struct watch *watch);
/* Watches until a limit is exceeded, and leaves with its number; on SIGTERM it looks once more and leaves in any case. */
_Noreturn void watch_run(const struct watch *watch);

#endif
