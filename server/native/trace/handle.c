/*
 * Looks at files without opening them. An O_PATH descriptor does nothing to a device or a pipe. Fixed places and the walk through
 * all others use the same look.
 */
#include "trace/handle.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int open_handle(int folder, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC | flags, .resolve = resolve | RESOLVE_NO_MAGICLINKS};
	while (*path == '/')
		path++;
	return (int)syscall(SYS_openat2, folder, *path ? path : ".", &how, sizeof how);
}

/* What a failed look means; before Linux 5.6 there is no openat2, and nothing is known. */
static enum result classify_error(int error)
{
	bool is_missing = error == ENOENT || error == ENOTDIR || error == EACCES || error == ENAMETOOLONG;
	return is_missing ? RESULT_MISSING : RESULT_UNKNOWN;
}

enum result look_at(int folder, const char *path, uint64_t flags, uint64_t resolve)
{
	struct stat st;
	AUTO_CLOSE int handle = open_handle(folder, path, flags, resolve);
	if (handle < 0)
		return classify_error(errno);
	return fstat(handle, &st) == 0 && S_ISDIR(st.st_mode) ? RESULT_FOLDER : RESULT_FILE;
}
