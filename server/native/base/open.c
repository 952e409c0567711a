/* Opens what comes in pairs, and what would lose a descriptor when it fails. The callers keep the results in variables of cleanup.h. */
#include "base/open.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <unistd.h>

DIR *read_folder(int *fd)
{
	DIR *entries = *fd < 0 ? NULL : fdopendir(*fd);
	if (entries)
		take_descriptor(fd);
	return entries;
}

DIR *open_folder_at(int folder, const char *name)
{
	AUTO_CLOSE int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return read_folder(&fd);
}

bool open_pipe(int *reading, int *writing, int flags)
{
	int ends[2] = {-1, -1};
	bool done = pipe2(ends, O_CLOEXEC | flags) == 0;
	*reading = ends[0];
	*writing = ends[1];
	return done;
}

void move_up(int *fd)
{
	int moved = fcntl(*fd, F_DUPFD_CLOEXEC, 16);
	close_descriptor(fd);
	*fd = moved;
}
