/*
 * Reads and writes files of text at once. The kernel may hand out a file of /proc in pieces, so that it is read until its end or until
 * the room is used up.
 */
#include "base/text-file.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

ssize_t read_text(int folder, const char *name, char *text, size_t size)
{
	AUTO_CLOSE int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : 0;
	size_t used = 0;
	while (fd >= 0 && used < size - 1 && (n = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	return n < 0 && used == 0 ? -1 : (ssize_t)used;
}

bool write_text(const char *name, const char *text)
{
	AUTO_CLOSE int fd = open(name, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}
