/* Reads the plan: strings that end with a NUL, until the string "e". docs/trace-format.md says what they mean. */
#include "view/plan.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool plan_read(struct plan *plan, int fd)
{
	size_t capacity = 1 << 16;
	plan->length = 0;
	plan->bytes = malloc(capacity);
	size_t record = 0, scanned = 0;
	while (plan->bytes) {
		ssize_t n = read(fd, plan->bytes + plan->length, capacity - plan->length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n == 0)
				errno = EPIPE;
			break;
		}
		plan->length += (size_t)n;
		for (char *end; (end = memchr(plan->bytes + scanned, '\0', plan->length - scanned)); record = scanned) {
			scanned = (size_t)(end - plan->bytes) + 1;
			if (scanned - record == 2 && plan->bytes[record] == 'e')
				return true;
		}
		scanned = plan->length;
		if (plan->length == capacity) {
			char *larger = capacity < SIZE_MAX / 2 ? realloc(plan->bytes, capacity * 2) : NULL;
			if (!larger)
				break;
			plan->bytes = larger;
			capacity *= 2;
		}
	}
	plan_free(plan);
	return false;
}

const char *plan_next(const struct plan *plan, size_t *offset)
{
	if (*offset >= plan->length)
		return NULL;
	const char *text = plan->bytes + *offset;
	size_t length = strnlen(text, plan->length - *offset);
	if (length == plan->length - *offset || strcmp(text, "e") == 0)
		return NULL;
	*offset += length + 1;
	return text;
}

void plan_free(struct plan *plan)
{
	free_memory(&plan->bytes);
	plan->length = 0;
}
