/* The user and group that the command runs as. */
#ifndef EBUILD_AUDIT_IDENTITY_H
#define EBUILD_AUDIT_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

struct identity {
	uid_t uid;
	gid_t gid;
};

/* Parses "UID:GID"; false when it is none. */
bool parse_identity(const char *text, struct identity *out);

#endif
