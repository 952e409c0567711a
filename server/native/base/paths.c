/* Takes paths apart as texts. No function here looks at a file, so that every part can use them. */
#include "base/paths.h"

#include <string.h>

bool is_inner_path(const char *path)
{
	size_t length = strlen(path);
	if (length == 0 || length >= PATH_BYTES)
		return false;
	for (const char *at = path;; at++) {
		size_t n = strcspn(at, "/");
		if (n == 0 || (n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.'))
			return false;
		at += n;
		if (*at == '\0')
			return true;
	}
}

void resolve_dots(const char *path, char *out)
{
	size_t length = 0;
	for (const char *at = path; *at;) {
		at += strspn(at, "/");
		size_t n = strcspn(at, "/");
		if (n == 2 && at[0] == '.' && at[1] == '.') {
			while (length > 0 && out[--length] != '/')
				;
		} else if (n > 0 && !(n == 1 && at[0] == '.') && length + n + 1 < ABSOLUTE_BYTES) {
			out[length++] = '/';
			memcpy(out + length, at, n);
			length += n;
		}
		at += n;
	}
	if (length == 0)
		out[length++] = '/';
	out[length] = '\0';
}

const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}
