/* Copies the output in a process of its own. Whoever writes output may have to wait for Node, and the supervisor must not. */
#include "outer/relay.h"

#include "limits/limits.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

_Noreturn void relay_output(int from, uint64_t most)
{
	static char bytes[1 << 16];
	uint64_t left = most;
	for (;;) {
		ssize_t n = read(from, bytes, sizeof bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		bool passed = most != 0 && (uint64_t)n > left;
		if (passed)
			n = (ssize_t)left;
		left -= (uint64_t)n;
		for (ssize_t done = 0; done < n;) {
			ssize_t w = write(1, bytes + done, (size_t)(n - done));
			if (w > 0)
				done += w;
			else if (w < 0 && errno == EAGAIN)
				poll(&(struct pollfd){.fd = 1, .events = POLLOUT}, 1, -1);
			else if (w < 0 && errno != EINTR)
				_exit(0);
		}
		if (passed)
			_exit(LIMIT_OUTPUT);
	}
}
