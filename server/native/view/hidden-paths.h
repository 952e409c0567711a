/* The layer that hides. */
#ifndef EBUILD_AUDIT_HIDDEN_PATHS_H
#define EBUILD_AUDIT_HIDDEN_PATHS_H

#include "view/plan.h"
#include "view/view.h"

/* Hides the path `first` and those of all `h` records that follow at *offset. */
bool hide_paths(struct view *v, const char *first, const struct plan *plan, size_t *offset);

#endif
