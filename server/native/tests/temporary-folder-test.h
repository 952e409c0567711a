/* A folder for one test, and files in it. */
#ifndef EBUILD_AUDIT_TEMPORARY_FOLDER_TEST_H
#define EBUILD_AUDIT_TEMPORARY_FOLDER_TEST_H

#include "base/paths.h"

/* Makes one and names it; it is removed with all that lies in it. */
void make_temporary_folder(char out[PATH_BYTES]);
void remove_temporary_folder(const char *folder);
/* Makes the folder NAME in `folder`. */
void make_folder(const char *folder, const char *name, char out[PATH_BYTES]);
void put_file(const char *folder, const char *name, const char *text);
bool file_holds(const char *folder, const char *name, const char *text);

#endif
