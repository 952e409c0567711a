/* The frame of a call that names a path, or two. */
#ifndef EBUILD_AUDIT_ACCESS_FRAME_H
#define EBUILD_AUDIT_ACCESS_FRAME_H

#include "trace/tracer.h"

/* Begins the frame of the call in hand, for the caller to commit. Returns false when there is nothing to tell. */
bool begin_access(struct tracer *t);
/* Tells that the caller looks at an absolute path, at once. */
void tell_look_up(struct tracer *t, const char *path);
/* Tells of a look-up of the caller's whose path led through no link, and what it found. */
void tell_plain_look_up(struct tracer *t, const char *path, size_t length, enum operation operation, enum result result);

#endif
