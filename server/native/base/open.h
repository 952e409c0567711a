/* Opens descriptors and folders for the variables of cleanup.h. All of them are closed when a program is executed. */
#ifndef EBUILD_AUDIT_OPEN_H
#define EBUILD_AUDIT_OPEN_H

#include <dirent.h>
#include <stdbool.h>

/* Opens the folder `name`, which is looked up from the folder `folder`. Returns NULL with errno when it cannot. */
DIR *open_folder_at(int folder, const char *name);
/* Reads a folder that is open already. Takes the descriptor out of `fd` unless it fails. */
DIR *read_folder(int *fd);
/* Opens both ends of a pipe with the `flags` of pipe2(2) and O_CLOEXEC. When it returns false with errno, both are -1. */
bool open_pipe(int *reading, int *writing, int flags);
/* Gives a descriptor a number that means nothing in the sandbox, where small ones do. It becomes -1 when that fails. */
void move_up(int *fd);

#endif
