#include "tally.h"

#if COMPRESSED
#include <zlib.h>
#else
#include <stdio.h>
#endif

int tally_file(const char *path, unsigned long counts[256])
{
	int byte;
#if COMPRESSED
	gzFile file = gzopen(path, "rb");
	if (!file)
		return -1;
	while ((byte = gzgetc(file)) >= 0)
		counts[byte]++;
	return gzclose(file) == Z_OK ? 0 : -1;
#else
	FILE *file = fopen(path, "rb");
	if (!file)
		return -1;
	while ((byte = getc(file)) != EOF)
		counts[byte]++;
	return fclose(file);
#endif
}
