/* The folders of the root, read-only. */
#ifndef EBUILD_AUDIT_OVERLAYS_H
#define EBUILD_AUDIT_OVERLAYS_H

#include "view/view.h"

/* Opens `source` and makes a layer for it, to be filled with what hides. */
bool begin_overlay(struct view *v, const char *source);
/* Mounts the source with what lies over it and the layer on top, and closes all of them. */
bool mount_overlay(struct view *v);

#endif
