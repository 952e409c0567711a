/*
 * The memory through which a process tells the supervisor what it has opened, in place of a stop for each call (trace/reporters.c).
 *
 * The process writes and the supervisor reads. Nothing that stands here can be trusted: a build can write whatever it likes into its own
 * memory. Both sides are compiled from this file, and neither may need a C library for it, because reporter.c has none.
 */
#ifndef EBUILD_AUDIT_REPORT_RING_H
#define EBUILD_AUDIT_REPORT_RING_H

#include <stdatomic.h>
#include <stdint.h>

/*
 * Where the reporter puts its one page of code, in every process. The filter lets an openat2 through whose instruction ends at
 * REPORTER_CALL. Nothing else wants this address: it is below what Linux gives out by itself, above what programs ask for, and within
 * the 39 bits of small arm64 kernels. gcc maps precompiled headers at 0x1000000000.
 */
#define REPORTER_PAGE 0x3a00000000
#define REPORTER_CALL_OFFSET 32
#define REPORTER_CALL (REPORTER_PAGE + REPORTER_CALL_OFFSET)

/* The names of two files that only a process with a reporter sees, and only while it starts. */
#define PRELOAD_LIST "/etc/ld.so.preload"
#define REPORTER_FILE "/run/ebuild-audit/reporter.so"

/* The folder descriptor of the openat2 by which a reporter asks for its ring. No process has one of that number. */
#define ASKS_FOR_RING (-0x0eba)

#define RING_BYTES 65536u

/* What is reported. */
enum report_kind {
	/* Fills what is left before the end of the ring, so that no report is torn. */
	REPORT_PADDING,
	/* The working folder, which the relative paths of all reports after it begin at. */
	REPORT_FOLDER,
	/* A look-up of a path that led through no symbolic link: open(2) for reading, stat(2), lstat(2), access(2). */
	REPORT_OPEN,
	REPORT_STAT,
	REPORT_LINK_STAT,
	REPORT_ACCESS,
};
#define LAST_REPORT_KIND REPORT_ACCESS

/* What such a look-up found. */
enum report_result { FOUND_NOTHING, FOUND_FILE, FOUND_FOLDER };

/* Then comes the path, without NUL. Reports begin at multiples of 8. */
struct report_head {
	uint32_t length;
	uint16_t kind, result;
};

struct report_ring {
	/* How many bytes were ever written and read. Their difference is what waits. */
	_Atomic uint32_t written, taken;
	/* Held by the thread that writes. */
	_Atomic uint32_t writer;
	uint32_t unused;
	char bytes[RING_BYTES];
};

static inline uint32_t report_size(uint32_t length)
{
	return (uint32_t)((sizeof(struct report_head) + length + 7) & ~7u);
}

/* A report as the supervisor has read it, with a NUL after its path. */
struct report {
	enum report_kind kind;
	enum report_result result;
	uint32_t length;
	char path[4096];
};

enum report_read { REPORT_READ_NONE, REPORT_READ_WHOLE, REPORT_READ_DAMAGED };
/*
 * Takes the next report out of the ring. `taken` is what the supervisor knows to have taken, because the writer may overwrite the ring's
 * own number. A ring that is damaged once must not be read again.
 */
enum report_read take_report(struct report_ring *ring, uint32_t *taken, struct report *out);

#endif
