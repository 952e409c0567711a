#include <stdio.h>
#include <tally.h>

int main(int argc, char **argv)
{
	unsigned long counts[256] = { 0 };

	for (int at = 1; at < argc; at++)
		if (tally_file(argv[at], counts) != 0) {
			perror(argv[at]);
			return 1;
		}
	for (int byte = 0; byte < 256; byte++)
		if (counts[byte] > 0)
			printf("%3d %lu\n", byte, counts[byte]);
	return 0;
}
