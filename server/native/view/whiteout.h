/* A single whiteout. */
#ifndef EBUILD_AUDIT_WHITEOUT_H
#define EBUILD_AUDIT_WHITEOUT_H

#include <stdbool.h>

bool is_whiteout(int folder, const char *path);
/* Makes a whiteout unless something is there. */
bool put_whiteout(int folder, const char *path);
/* Whether there is a folder, and not just a link to one. */
bool is_folder(int folder, const char *path);

#endif
