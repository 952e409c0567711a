/* The plan, in which the Node side says what to show. */
#ifndef EBUILD_AUDIT_PLAN_H
#define EBUILD_AUDIT_PLAN_H

#include <stdbool.h>
#include <stddef.h>

struct plan {
	char *bytes;
	size_t length;
};

/* Reads the NUL-separated plan up to its end record. Returns false at end of file or on an error (errno is set). */
bool plan_read(struct plan *plan, int fd);
/* The next string of the plan from *offset on, or NULL at the end record. */
const char *plan_next(const struct plan *plan, size_t *offset);
/* Empties the plan and keeps errno. */
void plan_free(struct plan *plan);

#endif
