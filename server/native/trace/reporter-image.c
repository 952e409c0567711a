/* Holds the reporter, which is compiled before this program is. REPORTER_IMAGE is its path. */
#include "trace/reporter-image.h"

#ifdef REPORTER_IMAGE
__asm__(".pushsection .rodata\n"
        ".balign 16\n"
        "reporter_begin:\n"
        "	.incbin \"" REPORTER_IMAGE "\"\n"
        "reporter_end:\n"
        ".popsection\n");
extern const char reporter_begin[], reporter_end[];

const void *reporter_image(size_t *size)
{
	*size = (size_t)(reporter_end - reporter_begin);
	return reporter_begin;
}
#else
const void *reporter_image(size_t *size)
{
	*size = 0;
	return NULL;
}
#endif
