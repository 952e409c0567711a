/* The frame of an execution: the program, its arguments, and the files that the kernel opens in order to run it. */
#include "trace.h"

#include <errno.h>
#include <linux/seccomp.h>
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

static void put_arguments(struct tracer *t, pid_t tid, uint64_t address, bool narrow)
{
	static char bytes[MOST_ARGUMENT_BYTES + 1];
	static uint16_t lengths[MOST_ARGUMENTS];
	uint8_t pointers[MOST_ARGUMENTS * 8];
	size_t width = narrow ? 4 : 8, used = 0;
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
		if (length < 0)
			break;
		lengths[count++] = (uint16_t)length;
		used += (size_t)length;
	}
	stream_u16(t->stream, count);
	for (size_t i = 0, at = 0; i < count; at += lengths[i], i++)
		stream_text(t->stream, bytes + at, lengths[i]);
}

/* Opens what a handle stands for. Only a regular file: opening a device or a pipe may do something, or wait for ever. */
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
 * The name of the file that the kernel opens next in order to run the one behind `handle` (closed on return), made absolute
 * in `out`: that of a `#!` line, or of the ELF interpreter, which `is_loader` tells. A relative name is taken against the
 * working folder, as the kernel does. Returns its length, or 0 when there is none.
 */
static size_t next_file(pid_t tid, int handle, char out[ABSOLUTE_BYTES], bool *is_loader)
{
	char head[HEAD_BYTES], name[PATH_BYTES + 1];
	int file = open_contents(handle);
	close(handle);
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
	close(file);
	ssize_t made = length > 0 ? remote_absolute(tid, AT_FDCWD, name, out) : 0;
	return made > 0 ? (size_t)made : 0;
}

/* Follows the `#!` lines from `handle` on: a count and the interpreters, outermost first; then the ELF interpreter or an empty path. */
static void put_interpreters(struct tracer *t, pid_t tid, int handle)
{
	static char found[MOST_INTERPRETERS + 1][ABSOLUTE_BYTES];
	size_t lengths[MOST_INTERPRETERS + 1], loader = 0;
	uint8_t count = 0;
	bool is_loader = false;
	while (handle >= 0 && count <= MOST_INTERPRETERS) {
		size_t length = next_file(tid, handle, found[count], &is_loader);
		handle = -1;
		if (length == 0 || (!is_loader && count == MOST_INTERPRETERS))
			break;
		lengths[count] = length;
		if (is_loader)
			loader = length;
		else
			handle = places_handle(&t->places, found[count++]);
	}
	if (handle >= 0)
		close(handle);
	stream_u8(t->stream, count);
	for (uint8_t i = 0; i < count; i++) {
		places_look(&t->places, found[i], true, &t->hops);
		tracer_put_path(t, found[i], lengths[i]);
	}
	if (loader > 0)
		places_look(&t->places, found[count], true, &t->hops);
	else
		t->hops.count = t->hops.used = 0;
	tracer_put_path(t, loader > 0 ? found[count] : "", loader);
}

bool trace_exec(struct tracer *t, const struct process *p, const struct call *call, bool narrow)
{
	pid_t tid = (pid_t)t->request->pid;
	int folder = call->folder < 0 ? AT_FDCWD : (int)(uint32_t)t->request->data.args[call->folder];
	ssize_t n = tracer_path(t, p, folder, tracer_argument(t, call->path, narrow), t->absolute);
	if (n < 0)
		return false;
	int handle;
	/* fexecve: the descriptor itself is executed, whatever its name has become. */
	bool is_descriptor = t->path[0] == '\0';
	if (is_descriptor) {
		char name[64];
		snprintf(name, sizeof name, "/proc/%d/fd/%d", (int)tid, folder);
		handle = open(name, O_PATH | O_CLOEXEC);
	} else {
		handle = places_handle(&t->places, t->absolute);
	}
	enum result result = places_look(&t->places, t->absolute, true, &t->hops);
	stream_begin(t->stream, FRAME_EXEC);
	stream_u32(t->stream, p->serial);
	/* What lies below /proc is not ours to look at; who executes it knows that it is there. */
	stream_u8(t->stream, handle >= 0 || result == RESULT_UNKNOWN);
	tracer_put_path(t, t->absolute, (size_t)n);
	put_arguments(t, tid, tracer_argument(t, call->folder >= 0 ? 2 : 1, narrow), narrow);
	put_interpreters(t, tid, handle);
	return true;
}
