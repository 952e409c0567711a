/* Kills the children of the supervisor. As a subreaper it has those too whose parents have left. */
#include "outer/children.h"

#include "base/text-file.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_among(pid_t pid, const pid_t *pids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

void kill_children(const pid_t *spared, size_t count)
{
	char name[64], text[4096];
	snprintf(name, sizeof name, "/proc/self/task/%d/children", (int)getpid());
	if (read_text(AT_FDCWD, name, text, sizeof text) <= 0)
		return;
	for (char *at = text, *end; *at; at = end) {
		pid_t pid = (pid_t)strtol(at, &end, 10);
		if (end == at)
			return;
		if (pid > 0 && !is_among(pid, spared, count))
			kill(pid, SIGKILL);
		while (*end == ' ')
			end++;
	}
}
