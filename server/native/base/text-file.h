/* Small files of text, which is what /proc and cgroups are made of. */
#ifndef EBUILD_AUDIT_TEXT_FILE_H
#define EBUILD_AUDIT_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Reads what fits of the file `name`, looked up from the folder `folder` (AT_FDCWD: the working folder). Returns the length, or -1
 * with errno when nothing could be read. The text is terminated, and empty then.
 */
ssize_t read_text(int folder, const char *name, char *text, size_t size);
/* Writes all of `text` at once into an existing file; false with errno. */
bool write_text(const char *name, const char *text);

#endif
