/* The paths that readlink(1) and realpath(1) are asked for. */
#ifndef EBUILD_AUDIT_CANONICAL_NAMES_H
#define EBUILD_AUDIT_CANONICAL_NAMES_H

#include "trace/tracer.h"

/* Forgets the paths of the execution before, and sees whether t->absolute, which is executed now, is one of the programs. */
void canonical_names_begin(struct tracer *t);
/* Keeps an argument of the execution, if it is theirs. */
void canonical_names_keep(struct tracer *t, const char *argument);
/* Tells of the kept paths as looked up by the caller, which has begun the program. */
void canonical_names_tell(struct tracer *t);

#endif
