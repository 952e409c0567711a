/* Looks from inside the sandbox whether a view hides. It is a command like any other, so that it sees what a build would see. */
#include "inner/prove.h"

#include "base/cleanup.h"
#include "base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* Exit codes; `PROOF` of server/src/sandbox/self-test.ts names what they mean. */
enum proof { PROVEN, FILE_SEEN, FOLDER_SEEN, VISIBLE_GONE, VIEW_WRITTEN };

static int open_in(int folder, const char *name, int flags)
{
	AUTO_CLOSE int fd = openat(folder, name, flags | O_CLOEXEC, 0644);
	return fd < 0 ? errno : 0;
}

int prove_main(int argc, char **argv)
{
	if (argc != 2)
		return 64;
	AUTO_CLOSE int folder = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char path[PATH_BYTES];
	snprintf(path, sizeof path, "%s/hidden-file", argv[1]);
	if (open_in(AT_FDCWD, path, O_RDONLY) != ENOENT)
		return FILE_SEEN;
	if (open_in(folder, "hidden-folder", O_RDONLY | O_DIRECTORY) != ENOENT)
		return FOLDER_SEEN;
	if (open_in(folder, "visible", O_RDONLY) != 0)
		return VISIBLE_GONE;
	if (open_in(folder, "new", O_WRONLY | O_CREAT) != EROFS || open_in(folder, "visible", O_WRONLY) != EROFS ||
	    fchmodat(folder, "visible", 0600, 0) == 0)
		return VIEW_WRITTEN;
	return PROVEN;
}
