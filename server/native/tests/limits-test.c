/* Tests the names and values of the limits, and what is read of usage in /proc. */
#include "limits/limits.h"
#include "limits/process-usage.h"
#include "tests/native-test.h"

#include <string.h>

static void test_values(void)
{
	struct limits limits = {0};
	CHECK(!limits_any(&limits));
	CHECK(limits_parse(&limits, "processes=4096") && limits.most[LIMIT_PROCESSES] == 4096);
	CHECK(limits_parse(&limits, "memory=18446744073709551615") && limits.most[LIMIT_MEMORY] == UINT64_MAX);
	CHECK(limits_parse(&limits, "time=0") && limits.most[LIMIT_TIME] == 0);
	CHECK(limits_any(&limits));
	static const char *const bad[] = {"", "=", "=1", "processes", "processes=", "processes=-1", "processes= 1", "processes=+1",
	                                  "processes=1k", "process=1", "processes1=1", "memory=18446744073709551616", "none=1"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!limits_parse(&limits, bad[i]));
	CHECK(strcmp(limit_name(LIMIT_TIME), "time") == 0);
	CHECK(strcmp(limit_name(LIMIT_NONE), "") == 0 && strcmp(limit_name((enum limit)99), "") == 0);
	CHECK(limit_fence_of(100) == 126 && limit_fence_of(UINT64_MAX) == UINT64_MAX && limit_fence_of(1) > 1);
}

static void test_proc_texts(void)
{
	const char *rollup = "5500-7ffc [rollup]\nRss:   100 kB\nPss_Anon:  12 kB\nPss_Shmem:   8 kB\nSwapPss: 4 kB\n";
	CHECK(parse_kilobytes(rollup, "Pss_Anon") == 12 * 1024 && parse_kilobytes(rollup, "SwapPss") == 4 * 1024);
	CHECK(parse_kilobytes(rollup, "Pss") == 0 && parse_kilobytes("", "Rss") == 0 && parse_kilobytes("Rss", "Rss") == 0);
	const char *segments = "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n"
	                       "         0          0   600               1048576     2     2      0     0     0     0     0 1 1 1 4096 0\n"
	                       "         0          1   600               1048576     2     2      0     0     0     0     0 1 1 1 8192 100\n";
	CHECK(parse_segments(segments) == 4096 + 8192 + 100);
	CHECK(parse_segments("") == 0 && parse_segments("key\n") == 0 && parse_segments("key\n1 2 3\n") == 0);
}

void test_limits(void)
{
	test_values();
	test_proc_texts();
}
