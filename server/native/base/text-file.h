/* Small files of text, which is what /proc and cgroups are made of. */
#ifndef EBUILD_AUDIT_TEXT_FILE_H
#define EBUILD_AUDIT_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Reads as much of the file `name` as fits, and terminates it. The name is looked up from the folder `folder`, or from the working
 * folder for AT_FDCWD. Returns the length, or -1 with errno and an empty text when nothing could be read.
 */
ssize_t read_text(int folder, const char *name, char *text, size_t size);
/* Writes all of `text` at once into an existing file; false with errno. */
bool write_text(const char *name, const char *text);

#endif
