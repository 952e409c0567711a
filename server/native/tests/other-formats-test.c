/* Reads a folder that looks like that of binfmt_misc. */
#include "tests/native-test.h"
#include "tests/temporary-folder-test.h"
#include "trace/other-formats.h"

#include <elf.h>
#include <string.h>

void test_other_formats(void)
{
	char folder[PATH_BYTES];
	struct other_formats formats = read_other_formats("/nowhere");
	CHECK(!formats.elf && !formats.any);
	make_temporary_folder(folder);
	put_file(folder, "status", "enabled\n");
	put_file(folder, "off", "disabled\ninterpreter /usr/bin/off\nflags: \nextension .off\n");
	formats = read_other_formats(folder);
	CHECK(!formats.elf && !formats.any);
	put_file(folder, "qemu", "enabled\ninterpreter /usr/bin/qemu\nflags: F\noffset 0\nmagic 7f454c4602\nmask ffff\n");
	formats = read_other_formats(folder);
	CHECK(formats.elf && !formats.any);
	unsigned char head[64] = ELFMAG;
	head[18] = EM_SPARC;
	CHECK(is_other_format(formats, (char *)head, sizeof head) && !is_other_format(formats, "echo", 4));
	head[18] = 0;
	memcpy(head + 18, &(uint16_t){
#ifdef __aarch64__
	EM_AARCH64
#else
	EM_X86_64
#endif
	}, 2);
	CHECK(!is_other_format(formats, (char *)head, sizeof head) && !is_other_format(formats, "\x7f", 1));
	put_file(folder, "java", "enabled\ninterpreter /usr/bin/java\nflags: \nextension .jar\n");
	formats = read_other_formats(folder);
	CHECK(formats.any && is_other_format(formats, "PK", 2) && !is_other_format(formats, "#!/bin/sh", 9));
	remove_temporary_folder(folder);
}
