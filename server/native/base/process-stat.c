/*
 * Parses /proc/PID/stat. The tracer tells processes apart by it, and cgroup-remains.c the living from the dead, so that it belongs
 * to neither.
 */
#include "base/process-stat.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

bool parse_stat(const char *text, struct process_stat *out)
{
	/* The program's name stands in parentheses and may hold more of them. The fields are counted from the last one. */
	const char *at = strrchr(text, ')');
	if (!at || at[1] != ' ' || at[2] == '\0')
		return false;
	at += 3;
	unsigned long long field[50] = {0};
	int exit_signal = 0, count = 3;
	while (count < 40 && *at) {
		char *end;
		errno = 0;
		unsigned long long value = strtoull(at, &end, 10);
		if (end == at)
			return false;
		count++;
		field[count] = value;
		if (count == 38)
			exit_signal = (int)(long long)value;
		at = end;
	}
	if (count < 38 || field[4] > INT_MAX)
		return false;
	out->parent = (pid_t)field[4];
	out->start = field[22];
	/* Only a thread group's leader has an exit signal. */
	out->thread = exit_signal == -1;
	return true;
}
