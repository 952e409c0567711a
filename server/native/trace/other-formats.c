/*
 * Knows which files the kernel may run by binfmt_misc. The interpreter's name stands in the kernel's table and not in the file, so that
 * the trace has only a gap for it.
 */
#include "trace/other-formats.h"

#include "base/cleanup.h"
#include "base/open.h"
#include "base/text-file.h"

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>

struct other_formats read_other_formats(const char *folder)
{
	struct other_formats formats = {0};
	AUTO_CLOSE_FOLDER DIR *entries = open_folder_at(AT_FDCWD, folder);
	for (const struct dirent *e; entries && (e = readdir(entries));) {
		char text[4096];
		if (e->d_name[0] == '.' || strcmp(e->d_name, "register") == 0 || strcmp(e->d_name, "status") == 0)
			continue;
		if (read_text(dirfd(entries), e->d_name, text, sizeof text) <= 0 || strncmp(text, "enabled", 7) != 0)
			continue;
		if (strstr(text, "\noffset 0\nmagic 7f454c46"))
			formats.elf = true;
		else
			formats.any = true;
	}
	return formats;
}

static bool is_native(uint16_t machine)
{
#if defined(__aarch64__) || defined(__arm__)
	return machine == EM_AARCH64 || machine == EM_ARM;
#else
	return machine == EM_X86_64 || machine == EM_386;
#endif
}

bool is_other_format(struct other_formats formats, const char *head, size_t length)
{
	uint16_t machine = EM_NONE;
	bool is_elf = length >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0;
	if (length >= offsetof(Elf64_Ehdr, e_machine) + sizeof machine)
		memcpy(&machine, head + offsetof(Elf64_Ehdr, e_machine), sizeof machine);
	/* binfmt_misc is asked before the kernel's own formats, so that even a `#!` line may not count. Nobody registers that. */
	bool is_script = length >= 2 && head[0] == '#' && head[1] == '!';
	return is_elf ? (formats.elf || formats.any) && !is_native(machine) : formats.any && !is_script;
}
