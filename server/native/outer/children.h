/* The processes of a run. */
#ifndef EBUILD_AUDIT_CHILDREN_H
#define EBUILD_AUDIT_CHILDREN_H

#include <stddef.h>
#include <sys/types.h>

/* Kills the children of this process but for the `count` ones in `spared`. */
void kill_children(const pid_t *spared, size_t count);

#endif
