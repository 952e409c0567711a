/* Frames of docs/trace-format.md, little-endian whatever the machine is. */
#include "native.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* The largest frame is an exec: three absolute paths' worth of text twice over stays well below this. */
#define LARGEST_FRAME (1 << 16)

void stream_open(struct stream *s, int fd, bool (*abandoned)(void))
{
	s->fd = fd;
	s->abandoned = abandoned;
	s->broken = false;
	s->used = s->start = 0;
	static const uint8_t header[8] = {'E', 'A', 'T', 'R', 1, 0, 0, 0};
	memcpy(s->bytes, header, sizeof header);
	s->used = s->start = sizeof header;
}

static void put(struct stream *s, const void *bytes, size_t length)
{
	if (length > sizeof s->bytes - s->used) {
		s->broken = true;
		return;
	}
	memcpy(s->bytes + s->used, bytes, length);
	s->used += length;
}

void stream_u8(struct stream *s, uint8_t value)
{
	put(s, &value, 1);
}

void stream_u16(struct stream *s, uint16_t value)
{
	uint8_t b[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
	put(s, b, sizeof b);
}

void stream_u32(struct stream *s, uint32_t value)
{
	uint8_t b[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
	put(s, b, sizeof b);
}

void stream_text(struct stream *s, const char *bytes, size_t length)
{
	if (length > UINT16_MAX)
		length = UINT16_MAX;
	stream_u16(s, (uint16_t)length);
	put(s, bytes, length);
}

void stream_begin(struct stream *s, enum frame type)
{
	if (s->used > sizeof s->bytes - LARGEST_FRAME)
		stream_flush(s);
	s->start = s->used;
	stream_u32(s, 0);
	stream_u8(s, (uint8_t)type);
}

void stream_commit(struct stream *s)
{
	uint32_t length = (uint32_t)(s->used - s->start - 4);
	uint8_t b[4] = {(uint8_t)length, (uint8_t)(length >> 8), (uint8_t)(length >> 16), (uint8_t)(length >> 24)};
	memcpy(s->bytes + s->start, b, sizeof b);
	s->start = s->used;
}

void stream_rollback(struct stream *s)
{
	s->used = s->start;
}

bool stream_pending(const struct stream *s)
{
	return s->used > 0;
}

bool stream_flush(struct stream *s)
{
	size_t done = 0;
	while (done < s->used && !s->broken) {
		ssize_t n = write(s->fd, s->bytes + done, s->used - done);
		if (n > 0) {
			done += (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			struct pollfd wait = {.fd = s->fd, .events = POLLOUT};
			poll(&wait, 1, 100);
			if (s->abandoned && s->abandoned())
				s->broken = true;
		} else if (n < 0 && errno != EINTR) {
			s->broken = true;
		}
	}
	s->used = s->start = 0;
	return !s->broken;
}

void stream_failure(struct stream *s, const char *step, int error, const char *detail)
{
	stream_begin(s, FRAME_FAILURE);
	stream_text(s, step, strlen(step));
	stream_u32(s, (uint32_t)error);
	stream_text(s, detail, strlen(detail));
	stream_commit(s);
}
