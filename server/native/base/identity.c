/* Parses the user and group of --drop-to, which both halves are given. */
#include "base/identity.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

bool parse_identity(const char *text, struct identity *out)
{
	char *end;
	errno = 0;
	unsigned long uid = strtoul(text, &end, 10);
	if (errno || end == text || *end != ':' || uid >= UINT32_MAX)
		return false;
	text = end + 1;
	unsigned long gid = strtoul(text, &end, 10);
	if (errno || end == text || *end != '\0' || gid >= UINT32_MAX)
		return false;
	*out = (struct identity){.uid = (uid_t)uid, .gid = (gid_t)gid};
	return true;
}
