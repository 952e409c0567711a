/* Folders of layers, of which the uppermost takes what is written. */
#ifndef EBUILD_AUDIT_LAYERED_FOLDERS_H
#define EBUILD_AUDIT_LAYERED_FOLDERS_H

#include "view/plan.h"
#include "view/view.h"

/* Takes the records of a layered folder whose first is `l` with `upper`. */
bool make_layered(struct view *v, const char *upper, bool borrowed, const struct plan *plan, size_t *offset);

#endif
