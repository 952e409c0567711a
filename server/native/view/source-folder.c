/*
 * Finds what a folder of the plan is in the source. The plan may name what lies behind a link of the source, and the layer has no
 * links. Hidden paths and mount points both need it.
 */
#include "view/source-folder.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ssize_t resolve_folder(const struct view *v, const char *path, size_t length, char out[PATH_BYTES])
{
	char whole[2 * PATH_BYTES], real[PATH_MAX], top[PATH_MAX];
	snprintf(whole, sizeof whole, "%s/%.*s", v->source, (int)length, path);
	if (!realpath(v->source, top) || !realpath(whole, real))
		return -1;
	size_t above = strcmp(top, "/") == 0 ? 0 : strlen(top);
	if (strncmp(real, top, above) != 0 || (real[above] != '/' && real[above] != '\0'))
		return -1;
	return snprintf(out, PATH_BYTES, "%s", real[above] == '/' ? real + above + 1 : "");
}
