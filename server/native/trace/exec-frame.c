/* Tells of an execution: the program, its arguments, and the files that the kernel opens in order to run it. */
#include "trace/exec-frame.h"

#include "base/cleanup.h"
#include "trace/arguments.h"
#include "trace/canonical-names.h"
#include "trace/interpreter.h"
#include "trace/remote.h"
#include "trace/told.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_ARGUMENTS 64
#define MOST_ARGUMENT_BYTES 4096
/* The kernel gives up after as many `#!` lines (fs/exec.c). */
#define MOST_INTERPRETERS 5
/* Where a linker puts the program headers and the name of the ELF interpreter. */
#define HEAD_BYTES 2048

static void put_arguments(struct tracer *t, uint64_t address)
{
	pid_t tid = caller_tid(t);
	static char bytes[MOST_ARGUMENT_BYTES + 1];
	static uint16_t lengths[MOST_ARGUMENTS];
	uint8_t pointers[MOST_ARGUMENTS * 8];
	size_t width = t->narrow ? 4 : 8, used = 0;
	uint16_t count = 0;
	ssize_t n = address ? remote_read(tid, address, pointers, MOST_ARGUMENTS * width) : 0;
	for (size_t i = 0; n > 0 && i < (size_t)n / width && used < MOST_ARGUMENT_BYTES; i++) {
		uint64_t pointer = 0;
		memcpy(&pointer, pointers + i * width, width);
		if (pointer == 0)
			break;
		ssize_t length = remote_string(tid, pointer, bytes + used, sizeof bytes - used);
		if (length == -ENAMETOOLONG)
			length = (ssize_t)(sizeof bytes - 1 - used);
		else if (length > 0 && count > 0)
			canonical_names_keep(t, bytes + used);
		if (length < 0)
			break;
		lengths[count++] = (uint16_t)length;
		used += (size_t)length;
	}
	stream_u16(t->stream, count);
	for (size_t i = 0, at = 0; i < count; at += lengths[i], i++)
		stream_text(t->stream, bytes + at, lengths[i]);
}

/* Opens what a handle stands for if it is a regular file. To open a device or a pipe may do something, or wait for ever. */
static int open_contents(int handle)
{
	struct stat st;
	if (fstat(handle, &st) != 0 || !S_ISREG(st.st_mode))
		return -1;
	char name[64];
	snprintf(name, sizeof name, "/proc/self/fd/%d", handle);
	return open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/*
 * Finds the file that the kernel opens next in order to run the one behind `handle`. It is named by a `#!` line, or it is the ELF
 * interpreter, which `is_loader` tells. A relative name is taken against the working folder, as the kernel does. Returns the length of
 * the absolute path, or 0 when there is none.
 */
static size_t next_file(pid_t tid, int handle, char out[ABSOLUTE_BYTES], bool *is_loader)
{
	char head[HEAD_BYTES], name[PATH_BYTES + 1];
	AUTO_CLOSE int file = open_contents(handle);
	if (file < 0)
		return 0;
	ssize_t n = read(file, head, sizeof head);
	uint64_t offset;
	size_t length = 0;
	*is_loader = false;
	if (n > 0 && parse_loader(head, (size_t)n, &offset, &length)) {
		*is_loader = true;
		if (offset > INT64_MAX || pread(file, name, length, (off_t)offset) != (ssize_t)length)
			length = 0;
		name[length] = '\0';
	} else if (n > 0) {
		/* BINPRM_BUF_SIZE: the kernel reads no more of a `#!` line. */
		length = parse_interpreter(head, n < 256 ? (size_t)n : 256, name, sizeof name);
	}
	ssize_t made = length > 0 ? remote_absolute(tid, AT_FDCWD, name, out) : 0;
	return made > 0 ? (size_t)made : 0;
}

/* Opens the path that was looked at last. The links below /proc lead the caller elsewhere than us. */
static int open_looked_at(const struct tracer *t, const char *path)
{
	return places_handle(&t->places, t->places.is_passing ? hops_end(&t->hops, path) : path);
}

/* Follows the `#!` lines from `handle` on. Puts a count and the interpreters, outermost first, then the ELF interpreter or nothing. */
static void put_interpreters(struct tracer *t, int handle)
{
	static char found[MOST_INTERPRETERS + 1][ABSOLUTE_BYTES];
	size_t lengths[MOST_INTERPRETERS + 1], loader = 0;
	uint8_t count = 0;
	AUTO_CLOSE int next = -1;
	while (handle >= 0 && count <= MOST_INTERPRETERS) {
		bool is_loader = false;
		size_t length = next_file(caller_tid(t), handle, found[count], &is_loader);
		close_descriptor(&next);
		if (length == 0 || (!is_loader && count == MOST_INTERPRETERS))
			break;
		lengths[count] = length;
		if (is_loader) {
			loader = length;
			break;
		}
		places_look(&t->places, found[count], true, &t->hops);
		handle = next = open_looked_at(t, found[count++]);
	}
	stream_u8(t->stream, count);
	for (uint8_t i = 0; i < count; i++) {
		places_look(&t->places, found[i], true, &t->hops);
		put_named(t->stream, found[i], lengths[i], &t->hops);
	}
	if (loader > 0)
		places_look(&t->places, found[count], true, &t->hops);
	else
		hops_clear(&t->hops);
	put_named(t->stream, loader > 0 ? found[count] : "", loader, &t->hops);
	t->uses_glibc = loader > 0 && strncmp(last_component(found[count]), "ld-linux", 8) == 0;
}

/*
 * Opens what is executed, after its path was looked at. For fexecve(3) that is a descriptor of the caller's, whatever its name has
 * become.
 */
static int open_program(const struct tracer *t)
{
	char name[64];
	if (t->path[0] != '\0')
		return open_looked_at(t, t->absolute);
	snprintf(name, sizeof name, "/proc/%d/fd/%d", (int)caller_tid(t), call_folder(t, t->call->folder));
	return open(name, O_PATH | O_CLOEXEC);
}

static bool may_be_interpreted(const struct tracer *t, int handle)
{
	char head[64];
	AUTO_CLOSE int file = open_contents(handle);
	ssize_t n = file < 0 ? 0 : read(file, head, sizeof head);
	return n > 0 && is_other_format(t->formats, head, (size_t)n);
}

bool begin_exec(struct tracer *t)
{
	ssize_t n = call_path(t, t->call->folder, t->call->path, t->absolute);
	if (n < 0)
		return false;
	canonical_names_begin(t);
	enum result result = places_look(&t->places, t->absolute, true, &t->hops);
	if (t->hops.cut || t->places.is_lost)
		tell_gap(t, "the links to a program could not be followed");
	AUTO_CLOSE int handle = open_program(t);
	if (handle >= 0 && (t->formats.elf || t->formats.any) && may_be_interpreted(t, handle))
		tell_gap(t, "a program may have been run by an interpreter that binfmt_misc names");
	stream_begin(t->stream, FRAME_EXEC);
	stream_u32(t->stream, t->caller.serial);
	/* What lies below /proc is not ours to look at; who executes it knows that it is there. */
	stream_u8(t->stream, handle >= 0 || result == RESULT_UNKNOWN);
	put_named(t->stream, t->absolute, (size_t)n, &t->hops);
	put_arguments(t, call_argument(t, t->call->folder >= 0 ? 2 : 1));
	put_interpreters(t, handle);
	return true;
}
