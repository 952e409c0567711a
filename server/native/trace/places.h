/* What a path leads to in the view. */
#ifndef EBUILD_AUDIT_PLACES_H
#define EBUILD_AUDIT_PLACES_H

#include "trace/fixed-places.h"
#include "trace/hops.h"

struct places {
	/* The root of the sandbox, -1 before places_open. */
	int root;
	struct fixed_places fixed;
	/* Whose call is in hand: the thread and its process. */
	pid_t tid, leader;
	/* Of the last look: it went through a link below /proc, and it came to one that could not be read. */
	bool is_passing, is_lost;
};

/* Reads the mounts of the sandbox as its first process sees them. False with errno when the process is gone or memory is short. */
bool places_open(struct places *places, pid_t first);
void places_close(struct places *places);
/*
 * Tells what the view holds at an absolute path. `follow` tells whether a link at its end counts as what it leads to. `hops` takes
 * what the path became by links outside of the fixed places. Links within those never change and are left to the reader.
 */
enum result places_look(struct places *places, const char *path, bool follow, struct hops *hops);
/* The same for a path whose first `root` bytes, a folder without links, stand for the root (RESOLVE_IN_ROOT of openat2(2)). */
enum result places_look_within(struct places *places, const char *path, size_t root, bool follow, struct hops *hops);
/* Whether a path can lead elsewhere after a link was made. */
bool places_can_change(const struct places *places, const char *path);
/* Opens an absolute path of the view with O_PATH, links followed; -1 with errno. */
int places_handle(const struct places *places, const char *path);

#endif
