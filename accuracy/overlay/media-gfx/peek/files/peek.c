#include <png.h>
#include <stdio.h>
#ifdef CURSES
#include <curses.h>
#endif
#ifdef JPEG
#include <jpeglib.h>
#endif

int main(void)
{
#ifdef CURSES
	initscr();
	endwin();
#endif
#ifdef JPEG
	struct jpeg_error_mgr errors;
	jpeg_std_error(&errors);
#endif
	return printf("libpng %u\n", (unsigned) png_access_version_number()) < 0;
}
