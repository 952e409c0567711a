/* What /proc tells of a process in one line. */
#ifndef EBUILD_AUDIT_PROCESS_STAT_H
#define EBUILD_AUDIT_PROCESS_STAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_stat {
	pid_t parent;
	uint64_t start;
	bool thread;
};

/* Parses /proc/PID/stat (proc_pid_stat(5)). */
bool parse_stat(const char *text, struct process_stat *out);

#endif
