/* The tmpfs of the view and the places in it. */
#ifndef EBUILD_AUDIT_STAGING_H
#define EBUILD_AUDIT_STAGING_H

#include "view/view.h"

bool mount_staging(struct view *v);
/* Names "<staging>/<kind>/<number>" without making it. */
bool name_place(struct view *v, const char *kind, unsigned number, char out[PATH_BYTES]);
/* Names such a folder and makes it. */
bool make_place(struct view *v, const char *kind, unsigned number, char out[PATH_BYTES]);

/*
 * Mounts an overlay. The options of mount(2) have one page for the names of all folders, so these are numbers of descriptors, relative to
 * the folder that holds the descriptors.
 */
bool mount_by_numbers(const char *place, unsigned long flags, const char *options);

#endif
