/*
 * Makes the places that the sandbox's user may write to without layers: folders in memory, and folders and files of this machine.
 * layered-folders.c makes those with layers.
 */
#include "view/binds.h"

#include "base/cleanup.h"
#include "view/exchanged-owners.h"
#include "view/staging.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool make_scratch(struct view *v, const char *mode)
{
	char place[PATH_BYTES];
	if (!make_place(v, "scratch", v->scratches++, place))
		return false;
	if (chown(place, v->owner.uid, v->owner.gid) != 0 || chmod(place, (mode_t)strtoul(mode, NULL, 8) & 01777) != 0)
		return fail(v->failure, "staging", errno, place);
	return true;
}

bool make_bind(struct view *v, const char *source)
{
	char place[PATH_BYTES];
	struct stat st;
	if (!name_place(v, "bind", v->binds++, place))
		return false;
	if (stat(source, &st) != 0)
		return fail(v->failure, "bind", errno, source);
	if ((S_ISDIR(st.st_mode) ? mkdir(place, 0755) : mknod(place, S_IFREG | 0644, 0)) != 0)
		return fail(v->failure, "staging", errno, place);
	if (changes_hands(v)) {
		AUTO_CLOSE int names = exchange_namespace(&v->owner);
		if (bind_exchanged(source, place, names))
			return true;
		/* Some file systems cannot do it. There the files really become the user's. */
		if (!give_tree(source, &v->owner))
			return fail(v->failure, "bind", errno, source);
	}
	return mount(source, place, NULL, MOUNT_BIND | MOUNT_RECURSIVE, NULL) == 0 || fail(v->failure, "bind", errno, source);
}
