/* A failure is noted where it happens and told to Node by whoever has the stream. */
#include "base/failure.h"

#include <stdio.h>

bool fail(struct failure *failure, const char *step, int error, const char *detail)
{
	failure->step = step;
	failure->error = error;
	snprintf(failure->detail, sizeof failure->detail, "%s", detail);
	return false;
}
