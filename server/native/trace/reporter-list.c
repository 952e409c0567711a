/*
 * Keeps the processes that have a reporter. They are few at a time, so that the list is searched from its end, where the youngest stand.
 */
#include "trace/reporter-list.h"

#include "base/cleanup.h"
#include "trace/reporter-image.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

/* A file in memory that nobody can change any more; -1 if it cannot be made. */
static int make_file(const char *name, const void *bytes, size_t size)
{
	AUTO_CLOSE int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
		return -1;
	return take_descriptor(&fd);
}

void reporters_open(struct reporters *reporters)
{
	static const char list[] = REPORTER_FILE "\n";
	size_t size;
	const void *image = reporter_image(&size);
	*reporters = (struct reporters){.list = -1, .library = -1};
	if (size == 0)
		return;
	reporters->list = make_file("ld.so.preload", list, sizeof list - 1);
	reporters->library = make_file("reporter", image, size);
}

struct reporter *reporters_add(struct reporters *reporters, uint32_t serial)
{
	if (reporters->count == MOST_REPORTERS)
		return NULL;
	struct reporter *added = &reporters->all[reporters->count++];
	*added = (struct reporter){.serial = serial};
	return added;
}

struct reporter *reporters_find(struct reporters *reporters, uint32_t serial)
{
	for (size_t i = reporters->count; i-- > 0;)
		if (reporters->all[i].serial == serial)
			return &reporters->all[i];
	return NULL;
}

void reporters_remove(struct reporters *reporters, size_t at)
{
	if (reporters->all[at].ring)
		munmap(reporters->all[at].ring, sizeof(struct report_ring));
	reporters->all[at] = reporters->all[--reporters->count];
}

void reporters_close(struct reporters *reporters)
{
	while (reporters->count > 0)
		reporters_remove(reporters, reporters->count - 1);
	close_descriptor(&reporters->list);
	close_descriptor(&reporters->library);
}
