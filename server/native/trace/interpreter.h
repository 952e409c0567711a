/* What the kernel opens in order to run a program. */
#ifndef EBUILD_AUDIT_INTERPRETER_H
#define EBUILD_AUDIT_INTERPRETER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The interpreter named by a `#!` line in `head`, or 0. Follows fs/binfmt_script.c. */
size_t parse_interpreter(const char *head, size_t length, char *out, size_t size);
/*
 * Finds where the name of the ELF interpreter (PT_INTERP of elf(5)) lies in the file that begins with `head`. Returns false when there
 * is none. The length is that without the NUL.
 */
bool parse_loader(const char *head, size_t length, uint64_t *offset, size_t *size);

#endif
