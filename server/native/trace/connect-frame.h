/* The frame of a call that names the address of a socket. */
#ifndef EBUILD_AUDIT_CONNECT_FRAME_H
#define EBUILD_AUDIT_CONNECT_FRAME_H

#include "trace/tracer.h"

/* Begins the frame of the call in hand, for the caller to commit. Returns false when there is nothing to tell. */
bool begin_connect(struct tracer *t);

#endif
