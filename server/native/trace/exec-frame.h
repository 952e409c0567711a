/* The frame of an execution. */
#ifndef EBUILD_AUDIT_EXEC_FRAME_H
#define EBUILD_AUDIT_EXEC_FRAME_H

#include "trace/tracer.h"

/* Begins the frame of the call in hand; false when there is none. The caller commits it. */
bool begin_exec(struct tracer *t);

#endif
