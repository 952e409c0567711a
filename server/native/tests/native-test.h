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

/* What the files of this folder test. */
void test_base(void);
void test_handover(void);
void test_stream(void);
void test_report_rings(void);
void test_calls(void);
void test_filter(void);
void test_fence(void);
void test_giving(void);
void test_interpreters(void);
void test_remote(void);
void test_places(void);
void test_listener(void);
void test_other_formats(void);
void test_process_table(void);
void test_deaths(void);
void test_plans(void);
void test_hiding(void);
void test_limits(void);
void test_folder_usage(void);
void test_watcher(void);
void test_cgroups(void);
void test_entering(void);

#endif
