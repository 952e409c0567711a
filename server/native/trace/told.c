/* Remembers what has been told. A process asks for the same few paths again and again, and each is told once for a program image. */
#include "trace/told.h"

#include "base/frames.h"

#include <string.h>
#include <sys/random.h>
#include <unistd.h>

void told_open(struct tracer *t)
{
	/* The seed is secret. A program that knew it could make its look-ups pass for others that have been told. */
	if (getrandom(&t->seed, sizeof t->seed, GRND_NONBLOCK) != sizeof t->seed)
		t->seed = (uint64_t)getpid();
}

static uint64_t hash(uint64_t h, const void *bytes, size_t length)
{
	const char *p = bytes;
	for (; length >= 8; p += 8, length -= 8) {
		uint64_t word;
		memcpy(&word, p, 8);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	uint64_t rest = length;
	memcpy((char *)&rest + 1, p, length);
	h = (h ^ rest) * 0x9e3779b97f4a7c15u;
	return h ^ (h >> 29);
}

static uint64_t hash_call(const struct tracer *t, uint32_t what, const char *text, size_t length)
{
	uint32_t key[4] = {t->caller.serial, t->caller.image, what, (uint32_t)length};
	return hash(hash(t->seed, key, sizeof key), text, length);
}

bool is_told(struct tracer *t, uint32_t what, const char *text, size_t length)
{
	uint64_t h = hash_call(t, what, text, length);
	uint64_t *slot = &t->remembered[h % REMEMBERED];
	if (*slot == h)
		return true;
	*slot = h;
	return false;
}

void untell(struct tracer *t, uint32_t what, const char *text, size_t length)
{
	t->remembered[hash_call(t, what, text, length) % REMEMBERED] = 0;
}

void tell_gap(struct tracer *t, const char *reason)
{
	if (!is_told(t, UINT32_MAX, reason, strlen(reason)))
		put_gap(t->stream, t->caller.serial, reason);
}
