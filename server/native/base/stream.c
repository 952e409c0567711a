/* Collects the frames of docs/trace-format.md and writes them to Node. Numbers are little-endian whatever the machine is. */
#include "base/stream.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The largest frame is an exec. Its seven paths with all that they became and its arguments stay below this. */
#define LARGEST_FRAME (1 << 17)
/* These stand in place of a length: for a path that is named by its slot, and for one that fills a slot. */
#define KNOWN_PATH 0xffff
#define KEPT_PATH 0xfffe
#define LONGEST_TEXT 0xfff0

bool stream_open(struct stream *s, int fd, bool (*abandoned)(void))
{
	static const uint8_t header[8] = {'E', 'A', 'T', 'R', 2, 0, 0, 0};
	*s = (struct stream){.fd = fd, .abandoned = abandoned, .lock = PTHREAD_MUTEX_INITIALIZER};
	s->slots = calloc(PATH_SLOTS, sizeof *s->slots);
	memcpy(s->bytes, header, sizeof header);
	s->used = s->start = sizeof header;
	return s->slots != NULL;
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
	if (length > LONGEST_TEXT)
		length = LONGEST_TEXT;
	stream_u16(s, (uint16_t)length);
	put(s, bytes, length);
}

static uint16_t slot_of(const char *bytes, size_t length)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < length; i++)
		h = (h ^ (uint8_t)bytes[i]) * 16777619u;
	return (uint16_t)((h ^ (h >> 15)) % PATH_SLOTS);
}

void stream_path(struct stream *s, const char *bytes, size_t length)
{
	if (length == 0 || length > SLOT_BYTES || s->filled_count == sizeof s->filled / sizeof *s->filled) {
		stream_text(s, bytes, length);
		return;
	}
	uint16_t number = slot_of(bytes, length);
	struct path_slot *slot = &s->slots[number];
	if (slot->length == length && memcmp(slot->path, bytes, length) == 0) {
		stream_u16(s, KNOWN_PATH);
		stream_u16(s, number);
		return;
	}
	stream_u16(s, KEPT_PATH);
	stream_u16(s, number);
	stream_text(s, bytes, length);
	slot->length = (uint16_t)length;
	memcpy(slot->path, bytes, length);
	s->filled[s->filled_count++] = number;
}

/* Writes all that is committed, however long the reader takes. A slow reader slows the build, and nothing piles up. */
static bool drain(struct stream *s)
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

void stream_begin(struct stream *s, enum frame type)
{
	pthread_mutex_lock(&s->lock);
	if (s->used > sizeof s->bytes - LARGEST_FRAME)
		drain(s);
	s->start = s->used;
	s->filled_count = 0;
	stream_u32(s, 0);
	stream_u8(s, (uint8_t)type);
}

void stream_commit(struct stream *s)
{
	uint32_t length = (uint32_t)(s->used - s->start - 4);
	uint8_t b[4] = {(uint8_t)length, (uint8_t)(length >> 8), (uint8_t)(length >> 16), (uint8_t)(length >> 24)};
	memcpy(s->bytes + s->start, b, sizeof b);
	s->start = s->used;
	pthread_mutex_unlock(&s->lock);
}

void stream_rollback(struct stream *s)
{
	for (size_t i = 0; i < s->filled_count; i++)
		s->slots[s->filled[i]].length = 0;
	s->used = s->start;
	pthread_mutex_unlock(&s->lock);
}

bool stream_pending(const struct stream *s)
{
	return s->used > 0;
}

bool stream_flush(struct stream *s)
{
	if (pthread_mutex_trylock(&s->lock) != 0)
		return true;
	bool done = drain(s);
	pthread_mutex_unlock(&s->lock);
	return done;
}
