/* The view as a whole. */
#ifndef EBUILD_AUDIT_FOLLOW_PLAN_H
#define EBUILD_AUDIT_FOLLOW_PLAN_H

#include "view/plan.h"
#include "view/view.h"

/* Mounts everything that `plan` asks for. The caller has filled in `v` from `staging` to `failure`. */
bool follow_plan(struct view *v, const struct plan *plan);

#endif
