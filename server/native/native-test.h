/* What the unit tests share; `make check` runs them under the address and undefined-behaviour sanitizers. */
#ifndef EBUILD_AUDIT_TEST_H
#define EBUILD_AUDIT_TEST_H

#include <stdio.h>

extern int failures, checks;

#define CHECK(condition) \
	do { \
		checks++; \
		if (!(condition)) { \
			failures++; \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
		} \
	} while (0)

/* One per *-test.c. */
void test_trace(void);
void test_view(void);
void test_limits(void);

#endif
