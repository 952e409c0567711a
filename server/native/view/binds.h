/* What the sandbox's user may write to: folders in memory, and folders of this machine. */
#ifndef EBUILD_AUDIT_BINDS_H
#define EBUILD_AUDIT_BINDS_H

#include "view/view.h"

bool make_scratch(struct view *v, const char *mode);
bool make_bind(struct view *v, const char *source);

#endif
