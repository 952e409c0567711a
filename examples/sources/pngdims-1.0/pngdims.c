/* pngdims - prints the width and height of PNG files. MIT licence. */
#include <png.h>
#include <stdio.h>
#include <string.h>

static int print_dimensions(const char *path)
{
	png_image image;

	memset(&image, 0, sizeof image);
	image.version = PNG_IMAGE_VERSION;
	if (!png_image_begin_read_from_file(&image, path)) {
		fprintf(stderr, "pngdims: %s: %s\n", path, image.message);
		return 1;
	}
	printf("%s: %u x %u\n", path, (unsigned) image.width, (unsigned) image.height);
	png_image_free(&image);
	return 0;
}

int main(int argc, char **argv)
{
	int failures = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: pngdims FILE...\n");
		return 2;
	}
	for (int i = 1; i < argc; i++)
		failures += print_dimensions(argv[i]);
	return failures != 0;
}
