/*
 * Sends one message from the stage inside the sandbox to the supervisor outside, with descriptors (unix(7), SCM_RIGHTS).
 * Both halves use it, so that it belongs to neither.
 */
#include "base/handover.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The bytes that go over the socket. `holds` says which descriptors come along, in the order of their numbers. */
struct message {
	char kind, step[31];
	int32_t error;
	uint8_t holds[HANDED_COUNT];
};

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(HANDED_COUNT * sizeof(int))];
};

bool handover_send(int socket, const struct handover *handover, uint32_t pass)
{
	struct message message = {.kind = handover->kind, .error = handover->error};
	memcpy(message.step, handover->step, sizeof message.step);
	int fds[HANDED_COUNT];
	size_t count = 0;
	for (int i = 0; i < HANDED_COUNT; i++) {
		message.holds[i] = handover->fds[i] >= 0;
		if (message.holds[i])
			fds[count++] = handover->fds[i];
	}
	struct iovec io = {.iov_base = &message, .iov_len = sizeof message};
	union control control = {0};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
	if (count > 0) {
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	}
	/* The kernel reads 32 bits of the flags, the filter all of them. */
	return syscall(SYS_sendmsg, socket, &m, (uint64_t)pass << 32 | MSG_NOSIGNAL) == (ssize_t)sizeof message;
}

/* Returns how many descriptors have come. They are ours to close from now on, whatever the message says. */
static size_t take_descriptors(struct msghdr *m, int fds[HANDED_COUNT])
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(m);
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return 0;
	size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(c), count * sizeof(int));
	return count;
}

static size_t held(const struct message *message)
{
	size_t count = 0;
	for (int i = 0; i < HANDED_COUNT; i++)
		count += message->holds[i] != 0;
	return count;
}

int handover_receive(int socket, struct handover *handover)
{
	struct message message = {0};
	struct iovec io = {.iov_base = &message, .iov_len = sizeof message};
	union control control;
	/* Not CMSG_SPACE, whose padding has room for one descriptor more. What has no room the kernel closes. */
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control.bytes,
	                   .msg_controllen = CMSG_LEN(HANDED_COUNT * sizeof(int))};
	ssize_t n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return -1;
	if (n < 0)
		return 0;
	int fds[HANDED_COUNT];
	size_t count = take_descriptors(&m, fds);
	if (n != (ssize_t)sizeof message || (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || count != held(&message)) {
		while (count > 0)
			close_descriptor(&fds[--count]);
		return 0;
	}
	*handover = (struct handover){.kind = message.kind, .error = message.error};
	memcpy(handover->step, message.step, sizeof handover->step);
	handover->step[sizeof handover->step - 1] = '\0';
	for (int i = 0, next = 0; i < HANDED_COUNT; i++)
		handover->fds[i] = message.holds[i] ? fds[next++] : -1;
	return 1;
}
