/* Finds in the first bytes of a program what else the kernel opens to run it: the interpreter of a `#!` line, or the ELF one. */
#include "trace/interpreter.h"

#include "base/paths.h"

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

/* A table of program headers of either class. */
struct headers {
	const char *table;
	/* What is left of the file's beginning, the size of a header, and how many there are. */
	size_t length, step, count;
	bool is_wide;
};

/* The first PT_INTERP of a table. */
static bool find_loader(struct headers h, uint64_t *offset, size_t *size)
{
	for (size_t i = 0; i < h.count && h.length >= h.step; i++, h.table += h.step, h.length -= h.step) {
		Elf64_Phdr large;
		Elf32_Phdr small;
		memcpy(h.is_wide ? (void *)&large : (void *)&small, h.table, h.is_wide ? sizeof large : sizeof small);
		if ((h.is_wide ? large.p_type : small.p_type) != PT_INTERP)
			continue;
		*offset = h.is_wide ? large.p_offset : small.p_offset;
		uint64_t bytes = h.is_wide ? large.p_filesz : small.p_filesz;
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
		Elf64_Ehdr e;
		if (length < sizeof e)
			return false;
		memcpy(&e, head, sizeof e);
		if (e.e_phentsize != sizeof(Elf64_Phdr) || e.e_phoff >= length)
			return false;
		return find_loader((struct headers){head + e.e_phoff, length - e.e_phoff, sizeof(Elf64_Phdr), e.e_phnum, true}, offset, size);
	}
	Elf32_Ehdr e;
	memcpy(&e, head, sizeof e);
	if (e.e_phentsize != sizeof(Elf32_Phdr) || e.e_phoff >= length)
		return false;
	return find_loader((struct headers){head + e.e_phoff, length - e.e_phoff, sizeof(Elf32_Phdr), e.e_phnum, false}, offset, size);
}
