/* ebuild-audit-native: `run` builds the view and watches, `exec` is the first program inside,
 * `clean` removes what killed runs have left. See docs/trace-format.md. */
#include "limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool parse_identity(const char *text, uid_t *uid, gid_t *gid)
{
	char *end;
	errno = 0;
	unsigned long u = strtoul(text, &end, 10);
	if (errno || end == text || *end != ':' || u >= UINT32_MAX)
		return false;
	text = end + 1;
	unsigned long g = strtoul(text, &end, 10);
	if (errno || end == text || *end != '\0' || g >= UINT32_MAX)
		return false;
	*uid = (uid_t)u;
	*gid = (gid_t)g;
	return true;
}

#ifndef UNIT_TEST
int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "run") == 0)
		return run_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "exec") == 0)
		return stage_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "prove") == 0)
		return prove_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "version") == 0) {
		puts("ebuild-audit-native, trace format 2");
		return 0;
	}
	if (argc > 1 && strcmp(argv[1], "clean") == 0) {
		cgroup_clean();
		return 0;
	}
	fputs("usage: ebuild-audit-native run|exec|prove|clean|version … (started by ebuild-audit, see docs/trace-format.md)\n", stderr);
	return 64;
}
#endif
