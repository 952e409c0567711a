/* Places in an overlay for something else to be mounted on. */
#ifndef EBUILD_AUDIT_MOUNT_POINTS_H
#define EBUILD_AUDIT_MOUNT_POINTS_H

#include "view/view.h"

/* Makes `path` exist in the overlay, as a folder or an empty file like `of`, for something that will be mounted over it. */
bool make_mount_point(struct view *v, const char *path, const char *of);
/* Makes a link with this text at a path below the source, in place of what is there. It must not be a folder that is shown. */
bool make_link(struct view *v, const char *path, const char *text);

#endif
