/* Puts reporters (reporter/reporter.c) into compilers, and tells what they report. */
#ifndef EBUILD_AUDIT_REPORTERS_H
#define EBUILD_AUDIT_REPORTERS_H

#include "trace/tracer.h"

/* The caller executes t->absolute: puts it down for a reporter if that program opens many files. */
void reporters_expect(struct tracer *t, uint32_t image);
/* What was done about the call in hand. */
enum reporter_answer { NOT_THEIRS, ANSWERED_BY_VALUE, ANSWERED_ALREADY };
/* Answers the calls by which a dynamic linker loads the reporter, and that by which the reporter begins. */
enum reporter_answer reporters_answer(struct tracer *t);
/* Tells what the caller's process has reported until now. */
void reporters_take(struct tracer *t);
/* The process with this serial leaves, or has gone. */
void reporters_leave(struct tracer *t, uint32_t serial);
/* Tells what is left of all of them. */
void reporters_finish(struct tracer *t);

#endif
