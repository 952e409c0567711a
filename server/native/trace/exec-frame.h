/* The frame of an execution. */
#ifndef EBUILD_AUDIT_EXEC_FRAME_H
#define EBUILD_AUDIT_EXEC_FRAME_H

#include "trace/tracer.h"

/* Begins the frame of the call in hand, for the caller to commit. Returns false when there is nothing to tell. */
bool begin_exec(struct tracer *t);

#endif
