/* What a path became by following links. */
#ifndef EBUILD_AUDIT_HOPS_H
#define EBUILD_AUDIT_HOPS_H

#include "base/stream.h"

#define MOST_HOPS 8
#define HOP_BYTES 8192

/* First to last, each text with a NUL. */
struct hops {
	size_t count, used;
	/* There were more than there is room for. */
	bool cut;
	char bytes[HOP_BYTES];
};

void hops_clear(struct hops *hops);
void hops_add(struct hops *hops, const char *path);
/* The last of them, or `path` when there is none. */
const char *hops_end(const struct hops *hops, const char *path);
/* Puts a path and what it became into the open frame. */
void put_named(struct stream *s, const char *path, size_t length, const struct hops *hops);

#endif
