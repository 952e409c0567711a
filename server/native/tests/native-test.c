/* Runs all unit tests. */
#include "tests/native-test.h"

int failures, checks;

int main(void)
{
	test_base();
	test_stream();
	test_calls();
	test_filter();
	test_fence();
	test_interpreters();
	test_remote();
	test_places();
	test_process_table();
	test_plans();
	test_hiding();
	test_limits();
	test_folder_usage();
	test_cgroups();
	printf("%d checks, %d failures\n", checks, failures);
	return failures != 0;
}
