/*
 * Gives back what the variables of cleanup.h hold. It is apart because every other part uses it and it uses none.
 */
#include "base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int take_descriptor(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

void close_descriptor(int *fd)
{
	int error = errno, taken = take_descriptor(fd);
	if (taken >= 0)
		close(taken);
	errno = error;
}

/* Takes the pointer out of a variable of any pointer type. C does not allow to read such a variable as a void *. */
static void *take_pointer(void *variable)
{
	void *taken, *none = NULL;
	memcpy(&taken, variable, sizeof taken);
	memcpy(variable, &none, sizeof none);
	return taken;
}

void close_folder(void *folder)
{
	int error = errno;
	DIR *taken = take_pointer(folder);
	if (taken)
		closedir(taken);
	errno = error;
}

void close_file(void *file)
{
	int error = errno;
	FILE *taken = take_pointer(file);
	if (taken)
		fclose(taken);
	errno = error;
}

void free_memory(void *memory)
{
	int error = errno;
	free(take_pointer(memory));
	errno = error;
}
