/*
 * Gives random bytes to the parsers of what a build controls: `#!` lines and ELF headers of its programs, formats of binfmt_misc, its line
 * in /proc/PID/stat, the texts of its links, the memory that its compilers report in, and the message that the stage sends over a socket. libFuzzer calls it, see the Makefile;
 * FUZZ_TARGET chooses the parser.
 */
#include "base/handover.h"
#include "base/paths.h"
#include "base/process-stat.h"
#include "base/report-ring.h"
#include "limits/cgroup-place.h"
#include "limits/process-usage.h"
#include "trace/interpreter.h"
#include "trace/other-formats.h"
#include "trace/places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes as a text, in memory of exactly that size. */
static char *as_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static void fuzz_interpreter(const uint8_t *data, size_t size)
{
	char out[PATH_BYTES + 1];
	size_t n = parse_interpreter((const char *)data, size, out, sizeof out);
	if (n >= sizeof out || out[n == 0 ? 0 : n] != (n == 0 ? out[0] : '\0'))
		abort();
}

static void fuzz_loader(const uint8_t *data, size_t size)
{
	uint64_t offset;
	size_t length = 0;
	if (parse_loader((const char *)data, size, &offset, &length) && (length == 0 || length >= PATH_BYTES))
		abort();
	is_other_format((struct other_formats){true, true}, (const char *)data, size);
}

static void fuzz_stat(const uint8_t *data, size_t size)
{
	struct process_stat out;
	char *text = as_text(data, size);
	if (parse_stat(text, &out) && out.parent < 0)
		abort();
	parse_segments(text);
	parse_kilobytes(text, "Shmem");
	free(text);
}

static void fuzz_cgroups(const uint8_t *data, size_t size)
{
	char mount[PATH_BYTES], own[PATH_BYTES], *text = as_text(data, size);
	char *cgroups = strchr(text, '\v');
	if (cgroups)
		*cgroups++ = '\0';
	cgroup_locate(text, cgroups ? cgroups : "0::/a\n", mount, own);
	free(text);
}

/* A walk in this machine's root: what the links are is the machine's, the path is not. The first byte says how it is asked. */
static void fuzz_places(const uint8_t *data, size_t size)
{
	static struct places places = {.root = -1};
	static struct hops hops;
	char path[ABSOLUTE_BYTES];
	if (places.root < 0 && !places_open(&places, getpid()))
		abort();
	places.tid = places.leader = getpid();
	if (size < 2 || size > 2000)
		return;
	bool in_root = data[0] & 1;
	int n = snprintf(path, sizeof path, "%s/%.*s", in_root ? "/usr" : "", (int)(size - 1), (const char *)data + 1);
	places_look_within(&places, path, in_root && n > 4 ? 4 : 0, data[0] & 2, &hops);
	if (hops.count > MOST_HOPS || hops.used > HOP_BYTES)
		abort();
	hops_end(&hops, path);
}

/* The memory of a reporter: how much was written and taken, and the bytes from there on. */
static void fuzz_reports(const uint8_t *data, size_t size)
{
	static struct report_ring ring;
	static struct report report;
	static char path[ABSOLUTE_BYTES];
	uint32_t taken;
	if (size < 8)
		return;
	memset(&ring, 0, sizeof ring);
	memcpy(&ring, data, 4);
	memcpy(&taken, data + 4, 4);
	for (size_t i = 8; i < size; i++)
		ring.bytes[(taken + i - 8) % RING_BYTES] = (char)data[i];
	while (take_report(&ring, &taken, &report) == REPORT_READ_WHOLE) {
		if (report.length >= sizeof report.path || report.path[report.length] != '\0' || (report.kind != REPORT_PADDING && report.length == 0))
			abort();
		resolve_dots(report.path, path);
		if (path[0] != '/' || strstr(path, "/../") || strstr(path, "//"))
			abort();
	}
}

static void fuzz_handover(const uint8_t *data, size_t size)
{
	int pair[2];
	struct handover handover;
	if (size == 0 || size > 4096 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return;
	if (send(pair[0], data, size, 0) == (ssize_t)size && handover_receive(pair[1], &handover) == 1)
		for (int i = 0; i < HANDED_COUNT; i++)
			if (handover.fds[i] >= 0)
				abort();
	close(pair[0]);
	close(pair[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		const char *name;
		void (*run)(const uint8_t *, size_t);
	} targets[] = {
		{"interpreter", fuzz_interpreter}, {"loader", fuzz_loader}, {"stat", fuzz_stat},
		{"cgroups", fuzz_cgroups},         {"places", fuzz_places}, {"handover", fuzz_handover},
		{"reports", fuzz_reports},
	};
	static void (*chosen)(const uint8_t *, size_t);
	const char *name = getenv("FUZZ_TARGET");
	for (size_t i = 0; !chosen && name && i < sizeof targets / sizeof *targets; i++)
		if (strcmp(name, targets[i].name) == 0)
			chosen = targets[i].run;
	if (!chosen)
		abort();
	chosen(data, size);
	return 0;
}
