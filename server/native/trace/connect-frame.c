/* Tells of a call that names the address of a socket: connect(2), and the sends that carry one. */
#include "trace/connect-frame.h"

#include "trace/arguments.h"
#include "trace/told.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* The numbers of docs/trace-format.md. */
enum family { FAMILY_UNIX = 1, FAMILY_ABSTRACT, FAMILY_INET, FAMILY_INET6, FAMILY_OTHER };

struct address {
	enum family family;
	uint16_t port;
	size_t length;
	/* Text: a path, an abstract name without its NUL, an IP address, or the number of another family. */
	char *text;
};

/* Reads what a sockaddr names into the tracer's buffers. Returns false for none: an unnamed socket, or AF_UNSPEC to disconnect. */
static bool read_address(struct tracer *t, uint64_t at, uint64_t size, struct address *out)
{
	union {
		struct sockaddr any;
		struct sockaddr_un local;
		struct sockaddr_in inet;
		struct sockaddr_in6 inet6;
		char bytes[sizeof(struct sockaddr_un) + 1];
	} name = {0};
	if (at == 0 || size < sizeof name.any.sa_family || size > sizeof(struct sockaddr_un))
		return false;
	if (!caller_bytes(t, at, &name, (size_t)size) || name.any.sa_family == AF_UNSPEC)
		return false;
	ssize_t n = (ssize_t)size;
	*out = (struct address){.family = FAMILY_OTHER, .text = t->absolute};
	size_t path = offsetof(struct sockaddr_un, sun_path);
	if (name.any.sa_family == AF_UNIX && (size_t)n > path && name.local.sun_path[0] == '\0') {
		out->family = FAMILY_ABSTRACT;
		out->length = (size_t)n - path - 1;
		memcpy(t->absolute, name.local.sun_path + 1, out->length);
	} else if (name.any.sa_family == AF_UNIX) {
		ssize_t made = (size_t)n > path ? caller_absolute(t, AT_FDCWD, name.local.sun_path, t->absolute) : -1;
		if (made < 0)
			return false;
		out->family = FAMILY_UNIX;
		out->length = (size_t)made;
	} else if (name.any.sa_family == AF_INET && (size_t)n >= sizeof name.inet) {
		out->family = FAMILY_INET;
		out->port = ntohs(name.inet.sin_port);
		inet_ntop(AF_INET, &name.inet.sin_addr, t->absolute, INET_ADDRSTRLEN);
	} else if (name.any.sa_family == AF_INET6 && (size_t)n >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
		out->family = FAMILY_INET6;
		out->port = ntohs(name.inet6.sin6_port);
		inet_ntop(AF_INET6, &name.inet6.sin6_addr, t->absolute, INET6_ADDRSTRLEN);
	} else {
		snprintf(t->absolute, 16, "%u", name.any.sa_family);
	}
	if (out->family >= FAMILY_INET)
		out->length = strlen(t->absolute);
	return true;
}

static bool begin_frame(struct tracer *t, bool sends, uint64_t at, uint64_t size)
{
	struct address address;
	if (!read_address(t, at, size, &address))
		return false;
	uint32_t what = 0x20000u | (uint32_t)sends << 24 | (uint32_t)address.port | (uint32_t)address.family << 20;
	hops_clear(&t->hops);
	if (address.family == FAMILY_UNIX)
		places_look(&t->places, address.text, true, &t->hops);
	/* A link or a descriptor can lead to another socket than before. */
	if (is_told(t, what, address.text, address.length) && is_told(t, ~what, t->hops.bytes, t->hops.used))
		return false;
	stream_begin(t->stream, FRAME_CONNECT);
	stream_u32(t->stream, t->caller.serial);
	stream_u8(t->stream, sends);
	stream_u8(t->stream, (uint8_t)address.family);
	stream_u16(t->stream, address.port);
	put_named(t->stream, address.text, address.length, &t->hops);
	return true;
}

/* A socket of the file system is made where it is bound. Other addresses name no file. */
static bool begin_bind(struct tracer *t, uint64_t at, uint64_t size)
{
	struct address address;
	if (!read_address(t, at, size, &address) || address.family != FAMILY_UNIX)
		return false;
	places_look(&t->places, address.text, false, &t->hops);
	stream_begin(t->stream, FRAME_ACCESS);
	stream_u32(t->stream, t->caller.serial);
	stream_u8(t->stream, OP_WRITE);
	stream_u8(t->stream, RESULT_UNKNOWN);
	put_named(t->stream, address.text, address.length, &t->hops);
	return true;
}

/* Says that messages after the first have addresses. No resolver sends so: its socket is connected. */
static void tell_gap_of_more(struct tracer *t, uint64_t headers, uint64_t count)
{
	/* A struct mmsghdr is a struct msghdr and a length: seven words and a half, and the kernel takes 1024 of them. */
	size_t width = t->narrow ? 4 : 8, step = t->narrow ? 32 : 64;
	bool has_more = false;
	for (uint64_t i = 1; i < count && i < 1024 && !has_more; i++) {
		uint64_t name = 0;
		if (!caller_bytes(t, headers + i * step, &name, width))
			break;
		has_more = name != 0;
	}
	if (has_more)
		tell_gap(t, "a process sent several messages with addresses in one call, of which the first was read");
}

/* Tells the address of one struct msghdr. Of several messages in a call the first one is told. */
static bool begin_message(struct tracer *t, uint64_t header)
{
	uint64_t name = 0;
	uint32_t size = 0;
	uint8_t bytes[12] = {0};
	size_t width = t->narrow ? 4 : 8;
	if (!caller_bytes(t, header, bytes, width + 4))
		return false;
	memcpy(&name, bytes, width);
	memcpy(&size, bytes + width, 4);
	return name != 0 && begin_frame(t, true, name, size);
}

bool begin_connect(struct tracer *t)
{
	uint64_t at, size;
	uint8_t kind = t->call->kind;
	if (kind == CALL_SOCKETCALL) {
		uint32_t arguments[6] = {0};
		uint64_t which = call_argument(t, t->call->flags);
		size_t count = which == SOCKETCALL_SENDTO ? 6 : 3;
		if (!caller_bytes(t, call_argument(t, t->call->path), arguments, count * 4))
			return false;
		kind = which == SOCKETCALL_BIND       ? CALL_BIND
		       : which == SOCKETCALL_CONNECT  ? CALL_CONNECT
		       : which == SOCKETCALL_SENDTO   ? CALL_SENDTO
		       : which == SOCKETCALL_SENDMMSG ? CALL_SENDMMSG
		                                      : CALL_SENDMSG;
		at = arguments[kind == CALL_SENDTO ? 4 : 1];
		size = arguments[kind == CALL_SENDTO ? 5 : 2];
	} else {
		at = call_argument(t, t->call->path);
		size = t->call->path2 < 0 ? 0 : (uint32_t)t->request->data.args[t->call->path2];
	}
	if (kind == CALL_BIND)
		return begin_bind(t, at, size);
	if (kind == CALL_SENDMMSG && size > 1)
		tell_gap_of_more(t, at, size);
	if (kind == CALL_SENDMSG || kind == CALL_SENDMMSG)
		return begin_message(t, at);
	return begin_frame(t, kind == CALL_SENDTO, at, size);
}
