/* Runs all unit tests. */
#include "native-test.h"

int failures, checks;

int main(void)
{
	test_trace();
	test_view();
	test_limits();
	printf("%d checks, %d failures\n", checks, failures);
	return failures != 0;
}
