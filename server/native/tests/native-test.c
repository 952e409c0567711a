/* Runs all unit tests. */
#include "base/cleanup.h"
#include "base/open.h"
#include "tests/native-test.h"

#include <fcntl.h>

int failures, checks;

/* How many descriptors this process has. */
static int count_descriptors(void)
{
	int count = 0;
	AUTO_CLOSE_FOLDER DIR *entries = open_folder_at(AT_FDCWD, "/proc/self/fd");
	while (entries && readdir(entries))
		count++;
	return count;
}

int main(void)
{
	int descriptors = count_descriptors();
	test_base();
	test_handover();
	test_stream();
	test_report_rings();
	test_calls();
	test_filter();
	test_fence();
	test_giving();
	test_interpreters();
	test_remote();
	test_places();
	test_listener();
	test_other_formats();
	test_process_table();
	test_deaths();
	test_plans();
	test_hiding();
	test_limits();
	test_folder_usage();
	test_watcher();
	test_cgroups();
	test_entering();
	/* Whatever was opened has been closed. */
	CHECK(count_descriptors() == descriptors);
	printf("%d checks, %d failures\n", checks, failures);
	return failures != 0;
}
