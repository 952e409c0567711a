/* The supervisor's side of the trace. */
#ifndef EBUILD_AUDIT_LISTENER_H
#define EBUILD_AUDIT_LISTENER_H

#include "base/stream.h"

struct tracer;
struct death;

/* NULL with errno when the kernel knows no notifications, or memory is short. */
struct tracer *tracer_open(struct stream *stream);
/* Takes over the listener that the stage has sent: from now on a thread of its own answers it. Returns false with errno. */
bool tracer_listen(struct tracer *t, int listener);
/* Moves the deaths that nobody in the sandbox has caused into `out` (MOST_DEATHS entries); returns how many. */
size_t tracer_take_deaths(struct tracer *t, struct death *out);
/* Whether this kernel tells of them. */
bool tracer_sees_deaths(const struct tracer *t);
/* Why that thread has ended by itself: an errno, or 0 while it answers and when nobody is left to be answered. */
int tracer_failure(const struct tracer *t);
/* Ends that thread, and tells what it has not told yet. Nothing is told after this. NULL is allowed. */
void tracer_finish(struct tracer *t);
/* Ends that thread if it still runs. NULL is allowed. */
void tracer_close(struct tracer *t);

#endif
