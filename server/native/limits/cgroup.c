/*
 * Makes a cgroup of its own for a run, where one can be had (cgroups(7)). The kernel then counts exactly, and one write kills all.
 * Only folders are made, in a cgroup that lets this process make them.
 */
#include "limits/cgroup.h"

#include "base/cleanup.h"
#include "base/text-file.h"
#include "limits/cgroup-place.h"
#include "limits/cgroup-remains.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Writes a number. Returns false when the cgroup has no such file. */
static bool put(const struct cgroup *cgroup, const char *name, uint64_t value)
{
	char file[PATH_BYTES + 64], text[32];
	snprintf(file, sizeof file, "%s/%s", cgroup->path, name);
	snprintf(text, sizeof text, "%llu", (unsigned long long)value);
	return write_text(file, text);
}

bool cgroup_make(struct cgroup *cgroup, const char *parent, const char *name, const struct limits *limits)
{
	*cgroup = (struct cgroup){0};
	char path[PATH_BYTES];
	if (snprintf(path, sizeof path, "%s/%s", parent, name) >= (int)sizeof path || (mkdir(path, 0755) != 0 && errno != EEXIST))
		return false;
	memcpy(cgroup->path, path, sizeof path);
	uint64_t memory = limits->most[LIMIT_MEMORY], processes = limits->most[LIMIT_PROCESSES];
	cgroup->pids = processes != 0 && put(cgroup, "pids.max", processes);
	cgroup->memory = memory != 0 && put(cgroup, "memory.max", memory);
	if (cgroup->memory) {
		/* A flood would go on into the swap space. A machine without swap space has no such file. */
		put(cgroup, "memory.swap.max", 0);
		/* The kernel kills all or none. A build that has lost one process says something else than what was the matter. */
		put(cgroup, "memory.oom.group", 1);
	}
	return true;
}

bool cgroup_open(struct cgroup *cgroup, const struct limits *limits)
{
	char mount[PATH_BYTES], own[PATH_BYTES], parent[PATH_BYTES], name[128];
	*cgroup = (struct cgroup){0};
	if (!cgroup_own(mount, own) || !cgroup_choose(mount, own, parent) || !cgroup_name(name, sizeof name))
		return false;
	cgroup_remove_stale(parent);
	return cgroup_make(cgroup, parent, name, limits);
}

pid_t cgroup_fork(struct cgroup *cgroup)
{
	AUTO_CLOSE int fd = cgroup->path[0] ? open(cgroup->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		struct clone_args arguments = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)fd};
		pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
		if (pid >= 0)
			return pid;
	}
	/* Linux before 5.7 cannot do it, and a machine may have a rule that does not let processes be moved there. */
	cgroup_remove(cgroup);
	return fork();
}

uint64_t read_count(const char *file, const char *key)
{
	/* Enough for /proc/vmstat, the longest of them. */
	char text[16384];
	size_t length = strlen(key);
	if (read_text(AT_FDCWD, file, text, sizeof text) < 0)
		return 0;
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, key, length) == 0 && line[length] == ' ')
			return strtoull(line + length + 1, NULL, 10);
	return 0;
}

static uint64_t event_count(const struct cgroup *cgroup, const char *name, const char *key)
{
	char file[PATH_BYTES + 64];
	snprintf(file, sizeof file, "%s/%s", cgroup->path, name);
	return read_count(file, key);
}

static bool counts(const struct cgroup *cgroup, const char *name)
{
	char file[PATH_BYTES + 64];
	snprintf(file, sizeof file, "%s/%s", cgroup->path, name);
	return access(file, R_OK) == 0;
}

void cgroup_check(struct cgroup *cgroup)
{
	cgroup->pids = cgroup->pids && counts(cgroup, "pids.events");
	cgroup->memory = cgroup->memory && counts(cgroup, "memory.events");
}

enum limit cgroup_exceeded(const struct cgroup *cgroup)
{
	if (cgroup->pids && event_count(cgroup, "pids.events", "max") > 0)
		return LIMIT_PROCESSES;
	if (cgroup->memory && event_count(cgroup, "memory.events", "oom") > 0)
		return LIMIT_MEMORY;
	return LIMIT_NONE;
}

void cgroup_kill(const struct cgroup *cgroup)
{
	if (cgroup->path[0])
		cgroup_kill_at(cgroup->path);
}

void cgroup_remove(struct cgroup *cgroup)
{
	if (cgroup->path[0])
		cgroup_remove_at(cgroup->path);
	*cgroup = (struct cgroup){0};
}
