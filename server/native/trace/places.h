/* What a path leads to in the view. */
#ifndef EBUILD_AUDIT_PLACES_H
#define EBUILD_AUDIT_PLACES_H

#include "trace/fixed-places.h"
#include "trace/hops.h"

struct places {
	/* The root of the sandbox, -1 before places_open. */
	int root;
	struct fixed_places fixed;
};

/* Reads the mounts of the sandbox as its first process sees them. False with errno when the process is gone or memory is short. */
bool places_open(struct places *places, pid_t first);
void places_close(struct places *places);
/*
 * Tells what the view holds at an absolute path. `follow` tells whether a link at its end counts as what it leads to. `hops` takes
 * what the path became by links outside of the fixed places. Links within those never change and are left to the reader.
 */
enum result places_look(struct places *places, const char *path, bool follow, struct hops *hops);
/* Opens an absolute path of the view with O_PATH, links followed; -1 with errno. */
int places_handle(const struct places *places, const char *path);

#endif
