/* Programs that the kernel hands to an interpreter of its own table. */
#ifndef EBUILD_AUDIT_OTHER_FORMATS_H
#define EBUILD_AUDIT_OTHER_FORMATS_H

#include <stdbool.h>
#include <stddef.h>

/* What this machine has registered in binfmt_misc. */
struct other_formats {
	/* For ELF files of other processors only, and for files of another kind. */
	bool elf, any;
};

/* Reads `folder`, which is /proc/sys/fs/binfmt_misc. */
struct other_formats read_other_formats(const char *folder);
/* Whether the file that begins with `head` may be run by one of these interpreters, whose name nobody reads from the file. */
bool is_other_format(struct other_formats formats, const char *head, size_t length);

#endif
