/* Knows the limits by name and value, and sets those that the kernel enforces on each process. */
#include "limits/limits.h"

#include "base/text-file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/utsname.h>

/* A shell gives its programs about so many. More makes programs slow that close every descriptor there could be. */
#define FILES_AT_FIRST 4096
#define FILES_AT_MOST 65536
/* Between an ordinary process and one that asks to be killed (proc_pid_oom_score_adj(5)): before the editor, after nobody. */
#define KILLED_EARLY "500"

static const char *const names[LIMIT_COUNT] = {"", "processes", "memory", "disk", "files", "output", "time"};

const char *limit_name(enum limit limit)
{
	return (unsigned)limit < LIMIT_COUNT ? names[limit] : "";
}

bool limits_parse(struct limits *limits, const char *text)
{
	const char *value = strchr(text, '=');
	/* strtoull would take a sign and white space. */
	if (!value || value[1] < '0' || value[1] > '9')
		return false;
	for (int limit = LIMIT_NONE + 1; limit < LIMIT_COUNT; limit++) {
		size_t length = strlen(names[limit]);
		if ((size_t)(value - text) != length || memcmp(text, names[limit], length) != 0)
			continue;
		char *end;
		errno = 0;
		unsigned long long number = strtoull(value + 1, &end, 10);
		if (errno || *end != '\0')
			return false;
		limits->most[limit] = number;
		return true;
	}
	return false;
}

bool limits_any(const struct limits *limits)
{
	for (int limit = LIMIT_NONE + 1; limit < LIMIT_COUNT; limit++)
		if (limits->most[limit] != 0)
			return true;
	return false;
}

uint64_t limit_fence_of(uint64_t value)
{
	uint64_t quarter = value / 4 + 1;
	return value > UINT64_MAX - quarter ? UINT64_MAX : value + quarter;
}

/* Lowers a limit. One that is lower already stays. */
static void lower(int resource, rlim_t now, rlim_t most)
{
	struct rlimit limit;
	if (getrlimit(resource, &limit) != 0)
		return;
	if (most < limit.rlim_max)
		limit.rlim_max = most;
	limit.rlim_cur = now < limit.rlim_max ? now : limit.rlim_max;
	setrlimit(resource, &limit);
}

/* Since Linux 5.14 a user namespace counts its own processes (user_namespaces(7)). Before, all of the user's count. */
static bool counts_by_namespace(void)
{
	struct utsname name;
	int major = 0, minor = 0;
	return uname(&name) == 0 && sscanf(name.release, "%d.%d", &major, &minor) == 2 &&
	       (major > 5 || (major == 5 && minor >= 14));
}

void limits_fence(const struct limits *limits)
{
	lower(RLIMIT_CORE, 0, 0);
	lower(RLIMIT_NOFILE, FILES_AT_FIRST, FILES_AT_MOST);
	rlim_t most = (rlim_t)limit_fence_of(limits->most[LIMIT_PROCESSES]);
	if (limits->most[LIMIT_PROCESSES] != 0 && counts_by_namespace())
		lower(RLIMIT_NPROC, most, most);
	most = (rlim_t)limit_fence_of(limits->most[LIMIT_DISK]);
	if (limits->most[LIMIT_DISK] != 0)
		lower(RLIMIT_FSIZE, most, most);
	/* It may fail. The kernel then chooses by size alone. */
	write_text("/proc/self/oom_score_adj", KILLED_EARLY);
}

bool limits_fence_scratch(const struct limits *limits, const char *scratch)
{
	char options[128] = "";
	size_t used = 0;
	if (limits->most[LIMIT_MEMORY] != 0)
		used = (size_t)snprintf(options, sizeof options, "size=%llu",
		                        (unsigned long long)limit_fence_of(limits->most[LIMIT_MEMORY]));
	if (limits->most[LIMIT_FILES] != 0)
		snprintf(options + used, sizeof options - used, "%snr_inodes=%llu", used ? "," : "",
		         (unsigned long long)limit_fence_of(limits->most[LIMIT_FILES]));
	return options[0] == '\0' || mount(NULL, scratch, NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV, options) == 0;
}
