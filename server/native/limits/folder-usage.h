/* What lies in a folder. */
#ifndef EBUILD_AUDIT_FOLDER_USAGE_H
#define EBUILD_AUDIT_FOLDER_USAGE_H

#include <stdbool.h>
#include <stdint.h>

struct folder_usage {
	uint64_t bytes, files;
	/* Something could not be counted: a folder was moved meanwhile, or there are too many names to remember. */
	bool incomplete;
};

/*
 * Adds what lies in the folder `path`, itself left out, to `usage`: the blocks on disk and the number of entries, on one file
 * system, a file with several names once. Takes trees of any depth. Stops as soon as one of `most` is passed (0: never).
 */
void count_folder(const char *path, const struct folder_usage *most, struct folder_usage *usage);

#endif
