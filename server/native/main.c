/*
 * Calls the command that is asked for. `run` builds the view and watches, `exec` is the first program inside, and `clean` removes what
 * killed runs have left (docs/trace-format.md). `enter` is the first program of a trial on a worker (docs/remote.md).
 */
#include "inner/prove.h"
#include "inner/stage.h"
#include "limits/cgroup-remains.h"
#include "outer/enter-root.h"
#include "outer/run.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "run") == 0)
		return run_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "exec") == 0)
		return stage_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "prove") == 0)
		return prove_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "enter") == 0)
		return enter_root_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "version") == 0) {
		puts("ebuild-audit-native, trace format 2");
		return 0;
	}
	if (argc > 1 && strcmp(argv[1], "clean") == 0) {
		cgroup_clean();
		return 0;
	}
	fputs("usage: ebuild-audit-native run|exec|enter|prove|clean|version … (started by ebuild-audit, see docs/trace-format.md)\n", stderr);
	return 64;
}
