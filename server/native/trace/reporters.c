/*
 * A compiler opens hundreds of headers that are not there before it finds the one that is, and each open stops it: four of five stops of a
 * build in C are the opens of cc1, and most of what a traced build takes longer than a bare one. So a compiler gets a library that
 * opens files without stopping, and reports them in memory.
 *
 * The dynamic linker of glibc loads what /etc/ld.so.preload lists (ld.so(8)). It stops for looking that file up, and for opening it.
 * These stops of a compiler are answered with descriptors of files in memory (SECCOMP_IOCTL_NOTIF_ADDFD), so that neither the view nor
 * the environment has anything that other programs see. Last, the library asks for the memory that it reports in.
 *
 * Nothing depends on it. Whatever the library does not report stops as ever, and so does every program without it: another linker, a
 * static program, a process of its children. A build that writes into this memory lies about itself alone.
 */
#include "trace/reporters.h"

#include "base/cleanup.h"
#include "trace/access-frame.h"
#include "trace/arguments.h"
#include "trace/proc-links.h"
#include "trace/told.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* Linux 5.14; the headers of a machine that compiles this may be older. */
#ifndef SECCOMP_ADDFD_FLAG_SEND
#define SECCOMP_ADDFD_FLAG_SEND (1UL << 1)
#endif

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* Those who have left keep their memory for a while, because another of their threads may still write to it. */
#define MOST_LEFT 8

/* ---- what they report ---- */

/* Tells of one look-up. No link was on its way, so that the path is all there is to say. */
static void tell_report(struct tracer *t, const struct report *report, size_t length)
{
	static const enum operation operations[] = {
		[REPORT_OPEN] = OP_OPEN, [REPORT_STAT] = OP_STAT, [REPORT_LINK_STAT] = OP_STAT, [REPORT_ACCESS] = OP_ACCESS};
	static const enum result results[] = {
		[FOUND_NOTHING] = RESULT_MISSING, [FOUND_FILE] = RESULT_FILE, [FOUND_FOLDER] = RESULT_FOLDER};
	enum operation operation = operations[report->kind];
	enum result result = results[report->result];
	char resolved[ABSOLUTE_BYTES];
	resolve_dots(t->absolute, resolved);
	/* Most headers are looked for among the build's own first. That they are missing there says nothing, and would be most of the trace. */
	if (report->result == FOUND_NOTHING && fixed_places_are_left(&t->places.fixed, resolved))
		return;
	/* Whoever opens a folder for reading can only list it. */
	if (operation == OP_OPEN && report->result == FOUND_FOLDER)
		operation = OP_READDIR;
	/* What lies below /proc is another thing for everyone. */
	if (is_proc(resolved))
		result = RESULT_UNKNOWN;
	tell_plain_look_up(t, t->absolute, length, operation, result);
}

/* Makes the path of a report absolute. Returns its length, or 0 when there is no folder to begin at. */
static size_t place_report(const struct reporter *reporter, const struct report *report, char absolute[ABSOLUTE_BYTES])
{
	size_t start = 0;
	if (report->path[0] != '/') {
		start = reporter->folder_length;
		if (start == 0)
			return 0;
		memcpy(absolute, reporter->folder, start);
		if (absolute[start - 1] != '/')
			absolute[start++] = '/';
	}
	memcpy(absolute + start, report->path, report->length + 1);
	return start + report->length;
}

/* Takes in one report. Returns false when it makes no sense. */
static bool take_in(struct tracer *t, struct reporter *reporter, const struct report *report)
{
	if (report->kind == REPORT_PADDING)
		return true;
	if (report->kind == REPORT_FOLDER) {
		memcpy(reporter->folder, report->path, report->length + 1);
		reporter->folder_length = report->length;
		return report->path[0] == '/';
	}
	size_t length = place_report(reporter, report, t->absolute);
	if (length > 0)
		tell_report(t, report, length);
	return length > 0;
}

/* Tells what waits in one ring. Returns false when it was overwritten. */
static bool take_all(struct tracer *t, struct reporter *reporter)
{
	static struct report report;
	enum report_read read = REPORT_READ_NONE;
	struct process caller = t->caller;
	t->caller.serial = reporter->serial;
	t->caller.image = reporter->image;
	/* No more fit into it at once. Somebody may go on writing for ever. */
	size_t left = RING_BYTES / sizeof(struct report_head);
	while (left-- > 0 && (read = take_report(reporter->ring, &reporter->taken, &report)) == REPORT_READ_WHOLE)
		if (!take_in(t, reporter, &report)) {
			read = REPORT_READ_DAMAGED;
			break;
		}
	if (read == REPORT_READ_DAMAGED)
		tell_gap(t, "the memory in which a compiler reports what it opens was overwritten");
	t->caller = caller;
	return read != REPORT_READ_DAMAGED;
}

/* Tells what one of them has reported. Returns false when it is gone from the list. */
static bool take_from(struct tracer *t, size_t at)
{
	struct reporters *reporters = &t->reporters;
	if (!reporters->all[at].ring || take_all(t, &reporters->all[at]))
		return true;
	reporters_remove(reporters, at);
	return false;
}

void reporters_take(struct tracer *t)
{
	struct reporter *reporter = reporters_find(&t->reporters, t->caller.serial);
	if (reporter)
		take_from(t, (size_t)(reporter - t->reporters.all));
}

void reporters_leave(struct tracer *t, uint32_t serial)
{
	struct reporters *reporters = &t->reporters;
	size_t left = 0;
	for (size_t i = reporters->count; i-- > 0;) {
		struct reporter *reporter = &reporters->all[i];
		if (reporter->serial == serial)
			reporter->has_left = true;
		if (reporter->has_left && take_from(t, i) && ++left > MOST_LEFT)
			reporters_remove(reporters, i);
	}
}

void reporters_finish(struct tracer *t)
{
	for (size_t i = t->reporters.count; i-- > 0;)
		take_from(t, i);
}

/* ---- who gets one ---- */

/*
 * Compilers proper, which look for headers: those of gcc, and clang, which compiles in the process of its driver. Drivers of gcc, which look
 * for the compiler. CMake, which looks for everything.
 */
static bool looks_for_many_files(const char *program)
{
	const char *name = last_component(program), *hyphen = strrchr(name, '-');
	/* x86_64-pc-linux-gnu-gcc, and gcc-14 of the same. */
	const char *driver = hyphen && (hyphen[1] < '0' || hyphen[1] > '9') ? hyphen + 1 : name;
	return strncmp(name, "cc1", 3) == 0 || strncmp(name, "clang", 5) == 0 || strcmp(name, "cmake") == 0 || strcmp(name, "cc") == 0 ||
	       strcmp(name, "c++") == 0 || strncmp(driver, "gcc", 3) == 0 || strncmp(driver, "g++", 3) == 0;
}

void reporters_expect(struct tracer *t, uint32_t image)
{
	struct reporters *reporters = &t->reporters;
	if (reporters->list < 0 || reporters->library < 0 || !t->uses_glibc || !looks_for_many_files(t->absolute))
		return;
	struct reporter *reporter = reporters_find(&t->reporters, t->caller.serial);
	if (!reporter)
		reporter = reporters_add(reporters, t->caller.serial);
	if (!reporter)
		return;
	/* If the execution fails, the program that goes on has its memory still. */
	reporter->next_image = image;
	reporter->step = ASKS_WHETHER_LISTED;
}

/* Answers the call in hand with a descriptor of `fd`. Returns false when the kernel cannot; then the call goes on. */
static bool answer_with(struct tracer *t, int fd)
{
	struct seccomp_notif_addfd given = {
		.id = t->request->id, .flags = SECCOMP_ADDFD_FLAG_SEND, .srcfd = (uint32_t)fd, .newfd_flags = O_CLOEXEC};
	int number;
	do
		number = ioctl(t->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &given);
	while (number < 0 && errno == EINTR);
	return number >= 0;
}

/* The same with a file of our own. It is opened anew, because whoever shares an open file shares the place at which it is read. */
static bool answer_with_file(struct tracer *t, int file)
{
	char name[64];
	snprintf(name, sizeof name, "/proc/self/fd/%d", file);
	AUTO_CLOSE int fd = open(name, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && answer_with(t, fd);
}

/* Whether the call in hand asks for `path` in a way that `operation` means. */
static bool asks_for(struct tracer *t, enum operation operation, const char *path)
{
	return t->call->operation == operation && t->call->kind != CALL_OPENAT2 &&
	       caller_string(t, call_argument(t, t->call->path), t->path, sizeof t->path) > 0 && strcmp(t->path, path) == 0;
}

/* Gives the reporter its memory. It cannot be cut short, so that to read it is safe. */
static bool give_ring(struct tracer *t, struct reporter *reporter)
{
	AUTO_CLOSE int fd = memfd_create("reports", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || ftruncate(fd, sizeof(struct report_ring)) != 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
		return false;
	void *ring = mmap(NULL, sizeof(struct report_ring), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring == MAP_FAILED)
		return false;
	if (!answer_with(t, fd)) {
		munmap(ring, sizeof(struct report_ring));
		return false;
	}
	if (reporter->ring)
		munmap(reporter->ring, sizeof(struct report_ring));
	reporter->ring = ring;
	reporter->image = reporter->next_image;
	reporter->folder_length = 0;
	reporter->taken = 0;
	return true;
}

enum reporter_answer reporters_answer(struct tracer *t)
{
	struct reporter *reporter = reporters_find(&t->reporters, t->caller.serial);
	if (!reporter || t->request->data.arch != OWN_ARCHITECTURE || t->narrow)
		return NOT_THEIRS;
	bool is_answered = false;
	switch (reporter->step) {
	case ASKS_WHETHER_LISTED:
		/* A list of the root's own stays what it is. */
		if (!asks_for(t, OP_ACCESS, PRELOAD_LIST) || places_look(&t->places, PRELOAD_LIST, true, &t->hops) != RESULT_MISSING)
			return NOT_THEIRS;
		reporter->step = ASKS_FOR_LIST;
		return ANSWERED_BY_VALUE;
	case ASKS_FOR_LIST:
		is_answered = asks_for(t, OP_OPEN, PRELOAD_LIST) && answer_with_file(t, t->reporters.list);
		break;
	case ASKS_FOR_LIBRARY:
		is_answered = asks_for(t, OP_OPEN, REPORTER_FILE) && answer_with_file(t, t->reporters.library);
		break;
	case ASKS_FOR_MEMORY:
		is_answered = t->call->kind == CALL_OPENAT2 && call_folder(t, t->call->folder) == ASKS_FOR_RING && give_ring(t, reporter);
		break;
	case REPORTS:
		return NOT_THEIRS;
	}
	if (is_answered)
		reporter->step++;
	return is_answered ? ANSWERED_ALREADY : NOT_THEIRS;
}
