/* Unit tests of the limits. */
#include "native.h"
#include "native-test.h"

void test_limits(void)
{
}
