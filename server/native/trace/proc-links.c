/*
 * Follows the links of proc_pid_root(5), proc_pid_cwd(5), proc_pid_exe(5) and proc_pid_fd(5). They jump to a file without walking a
 * path, and their text tells where it lies. /proc/self is another process for everybody, so that the caller's is read by its number.
 */
#include "trace/proc-links.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DELETED " (deleted)"

bool is_proc(const char *path)
{
	return strncmp(path, "/proc/", 6) == 0;
}

/* The length of the digits that `text` begins with, if a slash or the end follows them; else 0. */
static size_t number_length(const char *text)
{
	size_t n = strspn(text, "0123456789");
	return text[n] == '/' || text[n] == '\0' ? n : 0;
}

/* Whether `name`, what follows a process or a thread, is one of its links. The kernel follows map_files only for the powerful. */
static bool is_link_name(const char *name)
{
	if (strcmp(name, "root") == 0 || strcmp(name, "cwd") == 0 || strcmp(name, "exe") == 0)
		return true;
	size_t n = strncmp(name, "fd/", 3) == 0 ? number_length(name + 3) : 0;
	return n > 0 && name[3 + n] == '\0';
}

/* Reads the link `name` of a process or thread that the sandbox's /proc numbers, or of `own`, which the supervisor's does. */
static ssize_t read_link_of(int root, pid_t own, const char *number, const char *name, char *out, size_t size)
{
	char link[96];
	if (own != 0)
		snprintf(link, sizeof link, "/proc/%d/%s", (int)own, name);
	else
		snprintf(link, sizeof link, "proc/%.*s/%s", (int)number_length(number), number, name);
	return readlinkat(root, link, out, size);
}

enum proc_link read_proc_link(int root, struct proc_reader reader, const char *path, char *out, size_t size)
{
	static const char self[] = "self", task[] = "task/", thread_self[] = "thread-self/";
	const char *number = path + strlen("/proc/"), *name = strchr(number, '/');
	if (!is_proc(path) || !name)
		return PROC_NO_LINK;
	bool is_self = (size_t)(name - number) == strlen(self) && strncmp(number, self, strlen(self)) == 0;
	if (!is_self && number_length(number) == 0)
		return PROC_NO_LINK;
	pid_t own = is_self ? reader.leader : 0;
	name++;
	if (strncmp(name, task, strlen(task)) == 0) {
		number = name + strlen(task);
		bool is_thread_self = strncmp(number, thread_self, strlen(thread_self)) == 0;
		name = strchr(number, '/');
		if (!name || (!is_thread_self && number_length(number) == 0))
			return PROC_NO_LINK;
		own = is_thread_self ? reader.tid : 0;
		name++;
	}
	/* More digits than a number of the kernel's has, which names nothing. */
	if (!is_link_name(name) || number_length(number) > 20 || strlen(name) > 30)
		return PROC_NO_LINK;
	ssize_t n = read_link_of(root, own, number, name, out, size);
	if (n < 0)
		return errno == ENOENT || errno == ESRCH ? PROC_NO_LINK : PROC_LOST;
	if ((size_t)n >= size)
		return PROC_LOST;
	out[n] = '\0';
	size_t mark = strlen(DELETED);
	bool is_deleted = (size_t)n > mark && strcmp(out + (size_t)n - mark, DELETED) == 0;
	return out[0] == '/' && !is_deleted ? PROC_LINK : PROC_PIPE;
}
