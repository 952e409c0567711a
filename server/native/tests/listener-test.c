/* Gives the tracer's thread something else than a listener. */
#include "base/open.h"
#include "tests/native-test.h"
#include "trace/listener.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

void test_listener(void)
{
	static struct stream stream;
	int reading, writing;
	CHECK(open_pipe(&reading, &writing, 0) && stream_open(&stream, writing, NULL));
	struct tracer *tracer = tracer_open(&stream);
	if (!tracer) {
		puts("no user notification here: the tracer's thread is not tested");
	} else {
		CHECK(tracer_failure(tracer) == 0);
		/* The thread ends at its first question, and says why. */
		CHECK(tracer_listen(tracer, dup(reading)));
		for (int i = 0; i < 2000 && tracer_failure(tracer) == 0; i++)
			nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		CHECK(tracer_failure(tracer) == ENOTTY);
		tracer_close(tracer);
	}
	close(reading);
	close(writing);
	free(stream.slots);
}
