/* What need not be told again. */
#ifndef EBUILD_AUDIT_TOLD_H
#define EBUILD_AUDIT_TOLD_H

#include "trace/tracer.h"

/* Begins with nothing told. */
void told_open(struct tracer *t);
/* Whether the caller's program image was just told to ask `what` about `text`; if not, it is remembered. */
bool is_told(struct tracer *t, uint32_t what, const char *text, size_t length);
/* Takes back what is_told has remembered. */
void untell(struct tracer *t, uint32_t what, const char *text, size_t length);
/* Says once for each program image what could not be seen. */
void tell_gap(struct tracer *t, const char *reason);

#endif
