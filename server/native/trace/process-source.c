/* Answers what the table of processes asks, from /proc (proc(5)). The tests answer it from a table. */
#include "trace/process-source.h"

#include "base/cleanup.h"
#include "base/open.h"
#include "base/text-file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool proc_stat(pid_t tid, struct process_stat *out)
{
	char name[64], text[1024];
	snprintf(name, sizeof name, "/proc/%d/stat", (int)tid);
	return read_text(AT_FDCWD, name, text, sizeof text) > 0 && parse_stat(text, out);
}

static pid_t proc_leader(pid_t tid)
{
	char name[64], text[2048];
	snprintf(name, sizeof name, "/proc/%d/status", (int)tid);
	if (read_text(AT_FDCWD, name, text, sizeof text) <= 0)
		return -1;
	const char *at = strstr(text, "\nTgid:");
	return at ? (pid_t)strtol(at + 6, NULL, 10) : -1;
}

static size_t children_of_thread(pid_t leader, const char *thread, pid_t *out, size_t limit)
{
	char name[320];
	snprintf(name, sizeof name, "/proc/%d/task/%s/children", (int)leader, thread);
	AUTO_CLOSE int fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	size_t count = 0;
	char text[4096];
	pid_t value = 0;
	ssize_t n;
	while ((n = read(fd, text, sizeof text)) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (text[i] >= '0' && text[i] <= '9') {
				value = value * 10 + (text[i] - '0');
			} else if (value > 0) {
				if (count < limit)
					out[count++] = value;
				value = 0;
			}
		}
	}
	return count;
}

static size_t proc_children(pid_t leader, pid_t *out, size_t limit)
{
	char name[64];
	snprintf(name, sizeof name, "/proc/%d/task", (int)leader);
	AUTO_CLOSE_FOLDER DIR *threads = open_folder_at(AT_FDCWD, name);
	if (!threads)
		return 0;
	size_t count = 0;
	for (const struct dirent *e; (e = readdir(threads));)
		if (e->d_name[0] != '.')
			count += children_of_thread(leader, e->d_name, out + count, limit - count);
	return count;
}

const struct process_source proc_source = {proc_stat, proc_leader, proc_children};
