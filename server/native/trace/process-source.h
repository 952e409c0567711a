/* The machine's own processes. */
#ifndef EBUILD_AUDIT_PROCESS_SOURCE_H
#define EBUILD_AUDIT_PROCESS_SOURCE_H

#include "trace/process-table.h"

/* Asks the kernel, through /proc (proc(5)). */
extern const struct process_source proc_source;

#endif
