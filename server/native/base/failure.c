/* Notes a failure where it happens. The supervisor, which has the stream, tells Node of it later. */
#include "base/failure.h"

#include <stdio.h>

bool fail(struct failure *failure, const char *step, int error, const char *detail)
{
	failure->step = step;
	failure->error = error;
	snprintf(failure->detail, sizeof failure->detail, "%s", detail);
	return false;
}
