/* Serials for processes, across threads and reused pids. */
#ifndef EBUILD_AUDIT_PROCESS_TABLE_H
#define EBUILD_AUDIT_PROCESS_TABLE_H

#include "base/process-stat.h"

#include <stddef.h>

struct process {
	pid_t tid, leader;
	uint32_t serial, image;
	uint64_t start;
	int64_t seen;
	bool leaving;
};

/* What the table asks of the machine; tests pass their own. */
struct process_source {
	bool (*stat)(pid_t tid, struct process_stat *out);
	/* The thread group of a thread, or -1. */
	pid_t (*leader)(pid_t tid);
	/* Fills `out` with the children of every thread of `leader`; returns how many. */
	size_t (*children)(pid_t leader, pid_t *out, size_t limit);
};

/* Whom the table tells of processes. Every function is given `context`. */
struct process_audience {
	void *context;
	/* Whether the caller still waits in its call, so that what was read under its id was its own. */
	bool (*waiting)(void *context);
	void (*announce)(void *context, uint32_t serial, uint32_t parent, pid_t pid);
	void (*orphan)(void *context, uint32_t serial);
	/* No event of this process follows. */
	void (*ended)(void *context, uint32_t serial);
};

struct processes {
	const struct process_source *source;
	struct process_audience audience;
	struct process *slots;
	size_t capacity, used;
	uint32_t last_serial, last_image;
	/* The parent of the first process: outside the trace, and the adopter of orphans. */
	pid_t outside;
};

/* False when memory is short. */
bool processes_open(struct processes *table, const struct process_source *source, const struct process_audience *audience);
void processes_close(struct processes *table);
/* The entry of the thread, registered with all its ancestors when new. NULL when it has died. Valid until the next call. */
struct process *processes_find(struct processes *table, pid_t tid, int64_t now);
/* The process will leave: its children learn who their parent was while it is still known. */
void processes_leave(struct processes *table, pid_t leader, uint32_t serial, int64_t now);
/* The process starts a new program. */
void processes_exec(struct processes *table, pid_t tid, pid_t leader);

#endif
