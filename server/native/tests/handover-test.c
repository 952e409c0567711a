/* Tests what is left open of a message of the stage, in order or not. */
#include "base/cleanup.h"
#include "base/handover.h"
#include "tests/native-test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

/* As many descriptors as any message of these tests brings. */
#define MOST 8

static void check_handed_over(const int ends[2], int file)
{
	struct handover sent = {.kind = 'R', .step = "a step", .error = 7, .fds = {-1, file, file}}, heard;
	CHECK(handover_receive(ends[0], &heard) == -1);
	CHECK(handover_send(ends[1], &sent, 0) && handover_receive(ends[0], &heard) == 1);
	CHECK(heard.kind == 'R' && strcmp(heard.step, "a step") == 0 && heard.error == 7);
	CHECK(heard.fds[HANDED_LISTENER] == -1 && heard.fds[HANDED_PROC] >= 0 && heard.fds[HANDED_SEGMENTS] >= 0);
	for (int i = 0; i < HANDED_COUNT; i++)
		close_descriptor(&heard.fds[i]);
}

/* Sends a message of `length` bytes that names the first `held` descriptors, together with `count` copies of `file`. */
static void send_raw(int socket, size_t length, int held, int file, size_t count)
{
	/* The letter, the step, the error and one byte for each descriptor, and some more. */
	enum { HOLDS = 36 };
	char bytes[64] = "R";
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(MOST * sizeof(int))];
	} control = {0};
	int fds[MOST];
	struct iovec io = {.iov_base = bytes, .iov_len = length};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control.bytes,
	                   .msg_controllen = CMSG_SPACE(count * sizeof(int))};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	memset(bytes + HOLDS, 1, (size_t)held);
	for (size_t i = 0; i < count; i++)
		fds[i] = file;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	CHECK(sendmsg(socket, &m, MSG_NOSIGNAL) == (ssize_t)length);
}

/* The number that the next descriptor would have: while some are left open it is another. */
static int next_descriptor(void)
{
	AUTO_CLOSE int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return fd;
}

void test_handover(void)
{
	enum { WHOLE = 40 };
	int ends[2];
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
	AUTO_CLOSE int outer = ends[0];
	AUTO_CLOSE int inner = ends[1];
	AUTO_CLOSE int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	check_handed_over(ends, file);
	int next = next_descriptor();
	static const struct {
		size_t length;
		int held;
		size_t count;
	} senseless[] = {
		/* More than are named, and more than there is room for. */
		{WHOLE, 0, 1}, {WHOLE, 1, 3}, {WHOLE, 3, 4}, {WHOLE, 3, MOST},
		/* Fewer than are named. */
		{WHOLE, 3, 2},
		/* Too short and too long. */
		{1, 0, 3}, {WHOLE - 1, 0, 2}, {WHOLE + 1, 1, 1},
	};
	for (size_t i = 0; i < sizeof senseless / sizeof *senseless; i++) {
		struct handover heard;
		send_raw(inner, senseless[i].length, senseless[i].held, file, senseless[i].count);
		CHECK(handover_receive(outer, &heard) == 0);
		CHECK(next_descriptor() == next);
	}
	check_handed_over(ends, file);
	CHECK(next_descriptor() == next);
	close_descriptor(&inner);
	struct handover heard;
	CHECK(handover_receive(outer, &heard) == 0);
}
