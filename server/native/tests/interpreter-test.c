/* Tests what is read from the beginning of a program file. */
#include "tests/native-test.h"
#include "trace/interpreter.h"

#include <stdlib.h>
#include <string.h>

static void test_interpreter(void)
{
	char out[16];
	CHECK(parse_interpreter("#!/bin/sh\n", 10, out, sizeof out) == 7 && strcmp(out, "/bin/sh") == 0);
	CHECK(parse_interpreter("#! \t/bin/sh -e\n", 15, out, sizeof out) == 7 && strcmp(out, "/bin/sh") == 0);
	CHECK(parse_interpreter("#!", 2, out, sizeof out) == 0);
	CHECK(parse_interpreter("#!\n", 3, out, sizeof out) == 0);
	CHECK(parse_interpreter("#!   ", 5, out, sizeof out) == 0);
	CHECK(parse_interpreter("#", 1, out, sizeof out) == 0);
	CHECK(parse_interpreter("\177ELF", 4, out, sizeof out) == 0);
	CHECK(parse_interpreter("#!/bin/sh\0x", 11, out, sizeof out) == 7);
	CHECK(parse_interpreter("#!/a/very/long/interpreter\n", 27, out, sizeof out) == 0);
}

static void test_loader(void)
{
	uint64_t offset;
	size_t size;
	static char own[4096];
	FILE *self = fopen("/bin/sh", "re");
	size_t n = self ? fread(own, 1, sizeof own, self) : 0;
	if (self)
		fclose(self);
	CHECK(n > 0 && parse_loader(own, n, &offset, &size) && offset + size < n && own[offset] == '/' && own[offset + size] == '\0');
	/* Whatever the bytes are and wherever the file ends, nothing beyond it is read. */
	srand(1);
	for (int i = 0; i < 20000; i++) {
		char *copy = malloc(n);
		size_t length = (size_t)rand() % (n + 1);
		memcpy(copy, own, length);
		for (int k = rand() % 6; k > 0 && length > 64; k--)
			copy[4 + rand() % 60] = (char)rand();
		char *cut = realloc(copy, length ? length : 1);
		parse_loader(cut, length, &offset, &size);
		free(cut);
	}
	CHECK(!parse_loader("#!/bin/sh\n", 10, &offset, &size));
}

void test_interpreters(void)
{
	test_interpreter();
	test_loader();
}
