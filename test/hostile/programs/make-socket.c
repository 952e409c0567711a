/* Leaves a socket at a path: make-socket PATH */
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *slash = argc == 2 ? strrchr(argv[1], '/') : NULL;
	if (!slash)
		return 64;
	/* A socket's address is shorter than a path. */
	*(char *)slash = '\0';
	strncpy(address.sun_path, slash + 1, sizeof address.sun_path - 1);
	return chdir(argv[1]) != 0 || bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof address) != 0;
}
