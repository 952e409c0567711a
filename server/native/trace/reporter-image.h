/* The library of reporter/, as it lies in this program. */
#ifndef EBUILD_AUDIT_REPORTER_IMAGE_H
#define EBUILD_AUDIT_REPORTER_IMAGE_H

#include <stddef.h>

/* The bytes of a shared object. The size is 0 where none could be compiled. */
const void *reporter_image(size_t *size);

#endif
