/* Descriptors and folders to put into the variables of cleanup.h. All are closed when a program is executed. */
#ifndef EBUILD_AUDIT_OPEN_H
#define EBUILD_AUDIT_OPEN_H

#include <dirent.h>
#include <stdbool.h>

/* Opens the folder `name`, looked up from the folder `folder`, from its beginning; NULL with errno. */
DIR *open_folder_at(int folder, const char *name);
/* The same for a folder that is open already: takes the descriptor where it can. */
DIR *read_folder(int *fd);
/* Opens both ends of a pipe; false with errno, and both are -1. `flags` are those of pipe2(2) besides O_CLOEXEC. */
bool open_pipe(int *reading, int *writing, int flags);
/* Moves a descriptor out of the way of small numbers, which have a meaning in the sandbox; -1 where that fails. */
void move_up(int *fd);

#endif
