/*
 * Keeps what a path became by following links. The reader of the trace knows the links of packages, and is told those that the build
 * has made.
 */
#include "trace/hops.h"

#include <string.h>

void hops_clear(struct hops *hops)
{
	hops->count = hops->used = 0;
	hops->cut = false;
}

void hops_add(struct hops *hops, const char *path)
{
	size_t length = strlen(path) + 1;
	if (hops->count == MOST_HOPS || length > sizeof hops->bytes - hops->used) {
		hops->cut = true;
		return;
	}
	memcpy(hops->bytes + hops->used, path, length);
	hops->used += length;
	hops->count++;
}

const char *hops_end(const struct hops *hops, const char *path)
{
	const char *at = hops->bytes;
	for (size_t i = 0; i < hops->count; i++) {
		path = at;
		at += strlen(at) + 1;
	}
	return path;
}

void put_named(struct stream *s, const char *path, size_t length, const struct hops *hops)
{
	stream_path(s, path, length);
	stream_u8(s, (uint8_t)hops->count);
	const char *hop = hops->bytes;
	for (size_t i = 0; i < hops->count; i++) {
		size_t bytes = strlen(hop);
		stream_path(s, hop, bytes);
		hop += bytes + 1;
	}
}
