/* Starts the program of the same name that is installed for one Python. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[PATH_MAX];
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "";

	if (snprintf(path, sizeof path, "/usr/lib/python-exec/" PYTHON "/%s", name) >= (int)sizeof path)
		return 127;
	argv[0] = path;
	execv(path, argv);
	perror(path);
	return 127;
}
