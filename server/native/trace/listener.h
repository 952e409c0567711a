/* The supervisor's side of the trace. */
#ifndef EBUILD_AUDIT_LISTENER_H
#define EBUILD_AUDIT_LISTENER_H

#include "base/stream.h"

struct tracer;

/* NULL with errno when the kernel knows no notifications, or memory is short. */
struct tracer *tracer_open(struct stream *stream);
/* Takes over the listener that the stage has sent: from now on a thread of its own answers it. Returns false with errno. */
bool tracer_listen(struct tracer *t, int listener);
/* Why that thread has ended by itself: an errno, or 0 while it answers and when nobody is left to be answered. */
int tracer_failure(const struct tracer *t);
/* Ends that thread. Nothing is told after this. NULL is allowed. */
void tracer_close(struct tracer *t);

#endif
