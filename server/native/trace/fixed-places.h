/* Parts of the view in which nothing changes during a run. */
#ifndef EBUILD_AUDIT_FIXED_PLACES_H
#define EBUILD_AUDIT_FIXED_PLACES_H

#include "base/paths.h"
#include "trace/handle.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MOST_FIXED 64
#define ANSWERS 8192
#define ANSWER_PATH 180

/* A path and what was found, for ever. */
struct answer {
	uint8_t result[2];
	uint8_t length;
	char path[ANSWER_PATH];
};

struct fixed_places {
	/* Read-only mounts, and the links at the top that lead into them. */
	struct fixed_place {
		int folder;
		size_t length;
		char *path;
	} list[MOST_FIXED];
	size_t count;
	struct answer *answers;
	/* Every mount, if all could be read. */
	struct known_mount {
		char *target;
		size_t length;
		bool is_writable;
	} *mounts;
	size_t mount_count;
};

/* Reads the mounts of `first`, whose root is `root`. False with errno when the process is gone or memory is short. */
bool fixed_places_open(struct fixed_places *places, int root, pid_t first);
void fixed_places_close(struct fixed_places *places);
/* Whether a path lies in one of them, as far as its text tells. */
bool fixed_places_hold(const struct fixed_places *places, const char *path);
/*
 * Returns RESULT_UNKNOWN when the path is in no fixed place or its walk leaves the place. `follow` tells whether a link at its end
 * counts as what it leads to.
 */
enum result fixed_places_look(struct fixed_places *places, const char *path, bool follow);

/*
 * Whether only the build has files there, so that a name that is missing says nothing of a package: the path, which has no links and no dots,
 * lies in a mount that the sandbox can write to.
 */
bool fixed_places_are_left(const struct fixed_places *places, const char *path);

#endif
