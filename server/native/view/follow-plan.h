/* The view as a whole. */
#ifndef EBUILD_AUDIT_FOLLOW_PLAN_H
#define EBUILD_AUDIT_FOLLOW_PLAN_H

#include "view/plan.h"
#include "view/view.h"

/* Mounts everything that `plan` asks for below the staging folder of `v`, of which the caller has filled in all down to `failure`. */
bool follow_plan(struct view *v, const struct plan *plan);

#endif
