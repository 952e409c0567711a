/* Folders of the source behind links. */
#ifndef EBUILD_AUDIT_SOURCE_FOLDER_H
#define EBUILD_AUDIT_SOURCE_FOLDER_H

#include "view/view.h"

#include <sys/types.h>

/*
 * Finds a folder that is reached through a symbolic link of the source, and writes its path below the source.
 * Returns its length, or -1 when it is not in the source.
 */
ssize_t resolve_folder(const struct view *v, const char *path, size_t length, char out[PATH_BYTES]);

#endif
