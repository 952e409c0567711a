/* pngtext - prints the text chunks of PNG files. MIT licence. */
#include <png.h>
#include <setjmp.h>
#include <stdio.h>

static int print_text(const char *path)
{
	png_structp png;
	png_infop info;
	png_textp text;
	int count = 0;
	FILE *file = fopen(path, "rb");

	if (file == NULL) {
		perror(path);
		return 1;
	}
	png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	info = png != NULL ? png_create_info_struct(png) : NULL;
	if (info == NULL || setjmp(png_jmpbuf(png))) {
		png_destroy_read_struct(&png, &info, NULL);
		fclose(file);
		return 1;
	}
	png_init_io(png, file);
	png_read_info(png, info);
	png_get_text(png, info, &text, &count);
	for (int i = 0; i < count; i++)
		printf("%s: %s: %s\n", path, text[i].key, text[i].text);
	png_destroy_read_struct(&png, &info, NULL);
	fclose(file);
	return 0;
}

int main(int argc, char **argv)
{
	int failures = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: pngtext FILE...\n");
		return 2;
	}
	for (int i = 1; i < argc; i++)
		failures += print_text(argv[i]);
	return failures != 0;
}
