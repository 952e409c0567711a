/*
 * Reads the plan record by record and calls the file that makes what the record asks for. All that is made lies below one tmpfs on the
 * staging folder, in a mount namespace that ends with the helper.
 */
#include "view/follow-plan.h"

#include "view/binds.h"
#include "view/hidden-paths.h"
#include "view/layered-folders.h"
#include "view/mount-points.h"
#include "view/overlays.h"
#include "view/source-folder.h"
#include "view/staging.h"

#include <errno.h>
#include <string.h>

static bool follow(struct view *v, const struct plan *plan, const char *record, size_t *offset)
{
	const char *text = record + 1;
	if (v->source && record[0] == 'h')
		return hide_paths(v, text, plan, offset);
	if (v->source && (record[0] == 'm' || record[0] == 'y')) {
		const char *of = plan_next(plan, offset);
		if (!of || of[0] != 's')
			return fail(v->failure, "view", EINVAL, text);
		return record[0] == 'm' ? make_mount_point(v, text, of + 1) : make_link(v, text, of + 1);
	}
	if (v->source && record[0] == 'a')
		return open_source(v, text);
	if (v->source && record[0] == 'x')
		return mount_overlay(v);
	if (!v->source && record[0] == 'o')
		return begin_overlay(v, text);
	if (!v->source && record[0] == 't')
		return make_scratch(v, text);
	if (!v->source && record[0] == 'b')
		return make_bind(v, text);
	if (!v->source && (record[0] == 'l' || record[0] == 'w'))
		return make_layered(v, text, record[0] == 'w', plan, offset);
	return fail(v->failure, "view", EINVAL, record);
}

bool follow_plan(struct view *v, const struct plan *plan)
{
	if (!mount_staging(v))
		return false;
	size_t offset = 0, count = 0;
	for (const char *record; (record = plan_next(plan, &offset));) {
		if (++count % 4096 == 0 && v->cancelled && v->cancelled())
			return fail(v->failure, "cancelled", ECANCELED, "");
		if (!follow(v, plan, record, &offset))
			return false;
	}
	return v->source == NULL || fail(v->failure, "view", EINVAL, v->source);
}
