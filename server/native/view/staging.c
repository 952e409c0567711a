/*
 * Mounts the tmpfs of the view and makes the places in it, which every other file fills.
 *
 * layer/N holds the whiteouts of overlay N, and mnt/N shows it. layer/whiteout holds the whiteouts that all others are links of.
 * scratch/N, bind/N and layered/N are what their names say. exchanged/ has the layers of layered folders with the owners exchanged.
 */
#include "view/staging.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool name_place(struct view *v, const char *kind, unsigned number, char out[PATH_BYTES])
{
	return snprintf(out, PATH_BYTES, "%s/%s/%u", v->staging, kind, number) < PATH_BYTES ||
	       fail(v->failure, "staging", ENAMETOOLONG, v->staging);
}

bool make_place(struct view *v, const char *kind, unsigned number, char out[PATH_BYTES])
{
	return name_place(v, kind, number, out) && (mkdir(out, 0755) == 0 || fail(v->failure, "staging", errno, out));
}

bool mount_staging(struct view *v)
{
	const char *options = v->staging_options;
	static const char *const folders[] = {"layer", "mnt", "scratch", "bind", "layered", "exchanged"};
	char data[256], place[PATH_BYTES];
	snprintf(data, sizeof data, "mode=0755,%s", options ? options : "nr_inodes=0");
	if (mount("tmpfs", v->staging, "tmpfs", MOUNT_NOSUID | MOUNT_NODEV, data) != 0)
		return fail(v->failure, "staging", errno, v->staging);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(place, sizeof place, "%s/%s", v->staging, folders[i]);
		if (mkdir(place, 0755) != 0)
			return fail(v->failure, "staging", errno, place);
	}
	/*
	 * Whiteouts are linked a quarter faster on a ramfs, which keeps no account of them. It needs none: a build cannot make more of
	 * them.
	 */
	snprintf(place, sizeof place, "%s/layer", v->staging);
	if (!options && mount("ramfs", place, "ramfs", MOUNT_NOSUID | MOUNT_NODEV, "mode=0755") != 0)
		return fail(v->failure, "staging", errno, place);
	/* All others are links of these. */
	snprintf(place, sizeof place, "%s/layer/whiteout", v->staging);
	if (mkdir(place, 0755) != 0)
		return fail(v->failure, "staging", errno, place);
	/* What the build may fill is a file system of its own, with the kernel's limit of half the memory. */
	snprintf(place, sizeof place, "%s/scratch", v->staging);
	return mount("tmpfs", place, "tmpfs", MOUNT_NOSUID | MOUNT_NODEV, "mode=0755") == 0 ||
	       fail(v->failure, "staging", errno, place);
}

bool mount_by_numbers(const char *place, unsigned long flags, const char *options)
{
	AUTO_CLOSE int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool done = here >= 0 && chdir("/proc/self/fd") == 0 && mount("overlay", place, "overlay", flags, options) == 0;
	int error = errno;
	if (here >= 0 && fchdir(here) != 0)
		return false;
	errno = error;
	return done;
}
