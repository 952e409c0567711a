/* The folders that an overlay shows as one, and what lies in them behind links. */
#ifndef EBUILD_AUDIT_SOURCE_FOLDER_H
#define EBUILD_AUDIT_SOURCE_FOLDER_H

#include "view/view.h"

#include <sys/stat.h>
#include <sys/types.h>

/* Describes what the overlay shows at a path if nothing is hidden. Returns whether there is anything. */
bool stat_shown(const struct view *v, const char *path, struct stat *st);
/* Opens a folder as a source above those that there are. */
bool open_source(struct view *v, const char *path);
void close_sources(struct view *v);

/*
 * Finds a folder that is reached through a symbolic link of a source, and writes its path below the source.
 * Returns its length, or -1 when it is in none.
 */
ssize_t resolve_folder(const struct view *v, const char *path, size_t length, char out[PATH_BYTES]);

#endif
