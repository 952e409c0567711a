/* What the kernel opens in order to run a program: the interpreter of a `#!` line, the ELF interpreter of a binary. */
#include "trace.h"

#include <elf.h>
#include <string.h>

size_t parse_interpreter(const char *head, size_t length, char *out, size_t size)
{
	if (length < 2 || head[0] != '#' || head[1] != '!')
		return 0;
	size_t from = 2;
	while (from < length && (head[from] == ' ' || head[from] == '\t'))
		from++;
	size_t to = from;
	while (to < length && !strchr(" \t\n", head[to]))
		to++; /* strchr also stops at NUL */
	if (to == from || to - from >= size)
		return 0;
	memcpy(out, head + from, to - from);
	out[to - from] = '\0';
	return to - from;
}

/* The first PT_INTERP among `count` program headers of `step` bytes each, of either class. */
static bool find_loader(const char *table, size_t length, size_t step, size_t count, bool wide, uint64_t *offset, size_t *size)
{
	for (size_t i = 0; i < count && length >= step; i++, table += step, length -= step) {
		Elf64_Phdr large;
		Elf32_Phdr small;
		memcpy(wide ? (void *)&large : (void *)&small, table, wide ? sizeof large : sizeof small);
		if ((wide ? large.p_type : small.p_type) != PT_INTERP)
			continue;
		*offset = wide ? large.p_offset : small.p_offset;
		uint64_t bytes = wide ? large.p_filesz : small.p_filesz;
		/* The kernel wants a NUL at the end and no more than PATH_MAX (fs/binfmt_elf.c). */
		if (bytes < 2 || bytes > PATH_BYTES)
			return false;
		*size = (size_t)bytes - 1;
		return true;
	}
	return false;
}

bool parse_loader(const char *head, size_t length, uint64_t *offset, size_t *size)
{
	if (length < sizeof(Elf32_Ehdr) || memcmp(head, ELFMAG, SELFMAG) != 0)
		return false;
	if (head[EI_CLASS] == ELFCLASS64) {
		Elf64_Ehdr header;
		if (length < sizeof header)
			return false;
		memcpy(&header, head, sizeof header);
		return header.e_phentsize == sizeof(Elf64_Phdr) && header.e_phoff < length &&
		       find_loader(head + header.e_phoff, length - header.e_phoff, sizeof(Elf64_Phdr), header.e_phnum, true, offset, size);
	}
	Elf32_Ehdr header;
	memcpy(&header, head, sizeof header);
	return header.e_phentsize == sizeof(Elf32_Phdr) && header.e_phoff < length &&
	       find_loader(head + header.e_phoff, length - header.e_phoff, sizeof(Elf32_Phdr), header.e_phnum, false, offset, size);
}
