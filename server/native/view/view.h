/* The view that is being made. All files of this folder work on it. */
#ifndef EBUILD_AUDIT_VIEW_H
#define EBUILD_AUDIT_VIEW_H

#include "base/failure.h"
#include "base/identity.h"

/* From sys/mount.h, which cannot be included together with linux/mount.h in every libc. */
extern int mount(const char *, const char *, const char *, unsigned long, const void *);

enum { MOUNT_READ_ONLY = 1, MOUNT_NOSUID = 2, MOUNT_NODEV = 4, MOUNT_BIND = 4096, MOUNT_RECURSIVE = 16384 };

/* An overlay has no more lower layers than 500 (fs/overlayfs/ovl_entry.h); one of them is what hides. */
enum { SOURCE_LIMIT = 499 };

/* Folders whose contents an overlay shows as one, the lowest first. */
struct sources {
	unsigned count;
	const char *paths[SOURCE_LIMIT];
	int fds[SOURCE_LIMIT];
};

struct view {
	/* Everything is mounted below this folder. The options are those of the tmpfs there, NULL for our own. */
	const char *staging, *staging_options;
	/* The sandbox's user in the numbers of the current user namespace, and whether the mounts are an ordinary user's. */
	struct identity owner;
	bool in_user_namespace;
	/* This is asked from time to time, unless it is NULL. */
	bool (*cancelled)(void);
	struct failure *failure;
	unsigned overlays, scratches, binds, layered, exchanged;
	/* The overlay that is being built. Without a source there is none, and the descriptors mean nothing. */
	const char *source;
	int layer_fd;
	/* The source and what lies over it. */
	struct sources sources;
	/* The folders that had to be made anew for it. */
	unsigned spread;
};

#endif
