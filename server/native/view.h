/* What the parts of the view share: view.c follows the plan, the others are named for what they make or do. */
#ifndef EBUILD_AUDIT_VIEW_H
#define EBUILD_AUDIT_VIEW_H

#include "native.h"

/* From sys/mount.h, which cannot be included together with linux/mount.h in every libc. */
extern int mount(const char *, const char *, const char *, unsigned long, const void *);
extern int umount2(const char *, int);

enum { MOUNT_READ_ONLY = 1, MOUNT_NOSUID = 2, MOUNT_NODEV = 4, MOUNT_BIND = 4096, MOUNT_RECURSIVE = 16384, UNMOUNT_DETACH = 2 };

struct view {
	const char *staging;
	/* The sandbox's user, and whether the mounts are an ordinary user's. */
	uid_t owner;
	gid_t group;
	bool in_user_namespace;
	bool (*cancelled)(void);
	struct failure *failure;
	unsigned overlays, scratches, binds, layered, exchanged;
	/* The overlay that is being built; no source: none. */
	const char *source;
	int source_fd, layer_fd;
	/* The folders that mount_shown had to make by itself. */
	unsigned spread;
};

/* ---- view.c ---- */

/* Names a new folder "<staging>/<kind>/<number>" and makes it. */
bool make_place(struct view *v, const char *kind, unsigned number, char out[PATH_BYTES]);
bool is_folder(int fd, const char *path);
bool is_whiteout(int fd, const char *path);
/* Makes a whiteout unless something is there. */
bool put_whiteout(int layer, const char *path);
const char *last_component(const char *path);
/*
 * A folder that is reached through a symbolic link of the source, as the path below the source that it means.
 * Returns its length, or -1 when it is not in the source.
 */
ssize_t resolve_folder(const struct view *v, const char *path, size_t length, char out[PATH_BYTES]);

/* ---- view-whiteouts.c: the layer that hides ---- */

/* Hides the path `first` and those of all `h` records that follow at *offset. */
bool hide_paths(struct view *v, const char *first, const struct plan *plan, size_t *offset);

/* ---- view-mount-points.c ---- */

/* Makes `path` exist in the overlay, as a folder or an empty file like `of`, for something that will be mounted over it. */
bool make_mount_point(struct view *v, const char *path, const char *of);

/* ---- view-shown.c: the folders of the root, read-only ---- */

bool begin_overlay(struct view *v, const char *source);
bool mount_shown(struct view *v);

/* ---- view-writable.c: what the sandbox's user may write to ---- */

bool make_scratch(struct view *v, const char *mode);
bool make_bind(struct view *v, const char *source);
/* Takes the records of a layered folder whose first is `l` with `upper`. */
bool make_layered(struct view *v, const char *upper, const struct plan *plan, size_t *offset);

/* ---- view-id-map.c ---- */

/* A user namespace whose map exchanges root with the user and group, or -1. */
int exchange_namespace(uid_t uid, gid_t gid);
/* Mounts `source` at `place` with the owners exchanged by the map of `names`. Linux 5.12, most file systems. */
bool bind_exchanged(const char *source, const char *place, int names);
/* Really gives the tree at `path` to the user; false with errno. */
bool give_tree(const char *path, uid_t uid, gid_t gid);

#endif
