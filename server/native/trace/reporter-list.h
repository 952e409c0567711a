/* The processes that have a reporter (reporter/reporter.c), and the files that it is handed out as. */
#ifndef EBUILD_AUDIT_REPORTER_LIST_H
#define EBUILD_AUDIT_REPORTER_LIST_H

#include "base/paths.h"
#include "base/report-ring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many processes have a reporter at a time. Others stop for every call. */
#define MOST_REPORTERS 256

struct reporter {
	/* The process in the table of processes, and the program image that reports. */
	uint32_t serial, image;
	/* The image that will report when the program that it executes has started. */
	uint32_t next_image;
	/* What its dynamic linker has to ask for next, until it reports. */
	enum reporter_step {
		ASKS_WHETHER_LISTED,
		ASKS_FOR_LIST,
		ASKS_FOR_LIBRARY,
		ASKS_FOR_MEMORY,
		REPORTS,
	} step;
	/* It has said that it leaves. */
	bool has_left;
	struct report_ring *ring;
	uint32_t taken;
	/* Where its relative paths begin. */
	size_t folder_length;
	char folder[PATH_BYTES];
};

struct reporters {
	/* Files in memory that are handed out; -1 if this kernel cannot do it. */
	int list, library;
	size_t count;
	struct reporter all[MOST_REPORTERS];
};

/* Without what it needs of the kernel, no process gets a reporter. */
void reporters_open(struct reporters *reporters);
void reporters_close(struct reporters *reporters);
/* Adds a process. NULL when there are too many. */
struct reporter *reporters_add(struct reporters *reporters, uint32_t serial);
/* That of a process, or NULL. */
struct reporter *reporters_find(struct reporters *reporters, uint32_t serial);
/* Takes one out; the last takes its place. */
void reporters_remove(struct reporters *reporters, size_t at);

#endif
