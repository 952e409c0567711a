/* Root's folders in the hands of the sandbox's user. */
#ifndef EBUILD_AUDIT_EXCHANGED_OWNERS_H
#define EBUILD_AUDIT_EXCHANGED_OWNERS_H

#include "view/view.h"

/* Whether the sandbox's user is somebody else than the owner of the folders. */
bool changes_hands(const struct view *v);
/* Returns a user namespace whose map exchanges root with the user and group, or -1. */
int exchange_namespace(const struct identity *with);
/* Mounts `source` at `place` with the owners exchanged by the map of `names`. It takes Linux 5.12 and works on most file systems. */
bool bind_exchanged(const char *source, const char *place, int names);
/* Really gives the tree at `path` to the user; false with errno. */
bool give_tree(const char *path, const struct identity *to);

#endif
