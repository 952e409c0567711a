/* The memory of a reporter as the supervisor reads it: whole reports, and everything that a hostile program can make of them. */
#include "base/report-ring.h"

#include "tests/native-test.h"

#include <stdlib.h>
#include <string.h>

static struct report_ring *ring;
static struct report report;
static uint32_t taken;

/* Writes a report as reporter.c does. */
static void write_report(uint32_t kind, const char *path, uint32_t length)
{
	uint32_t at = ring->written % RING_BYTES, rest = RING_BYTES - at;
	if (rest < report_size(length)) {
		struct report_head padding = {rest - (uint32_t)sizeof padding, REPORT_PADDING, 0};
		memcpy(ring->bytes + at, &padding, sizeof padding);
		ring->written += rest;
		at = 0;
	}
	struct report_head head = {length, (uint16_t)kind, FOUND_FILE};
	memcpy(ring->bytes + at, &head, sizeof head);
	memcpy(ring->bytes + at + sizeof head, path, strlen(path) < length ? strlen(path) : length);
	ring->written += report_size(length);
}

static void empty_ring(void)
{
	memset(ring, 0, sizeof *ring);
	taken = 0;
}

/* What is read next after `head` alone was written at the beginning, with `waiting` bytes. */
static enum report_read read_head(struct report_head head, uint32_t waiting)
{
	empty_ring();
	memset(ring->bytes, 'x', 64);
	memcpy(ring->bytes, &head, sizeof head);
	ring->written = waiting;
	return take_report(ring, &taken, &report);
}

static void test_whole_reports(void)
{
	empty_ring();
	CHECK(take_report(ring, &taken, &report) == REPORT_READ_NONE);
	write_report(REPORT_FOLDER, "/a", 2);
	write_report(REPORT_OPEN, "zlib.h", 6);
	CHECK(take_report(ring, &taken, &report) == REPORT_READ_WHOLE && report.kind == REPORT_FOLDER && strcmp(report.path, "/a") == 0);
	CHECK(take_report(ring, &taken, &report) == REPORT_READ_WHOLE && report.kind == REPORT_OPEN && report.result == FOUND_FILE && report.length == 6 &&
	      strcmp(report.path, "zlib.h") == 0);
	CHECK(take_report(ring, &taken, &report) == REPORT_READ_NONE);
	/* Many times around, with paths of many lengths; the numbers of bytes overflow in between. */
	char path[4096];
	memset(path, 'p', sizeof path);
	ring->written = taken = UINT32_MAX - 4095;
	for (uint32_t n = 1; n < 4096; n += 7) {
		path[n] = '\0';
		write_report(REPORT_OPEN, path, n);
		path[n] = 'p';
		enum report_read read = take_report(ring, &taken, &report);
		if (read == REPORT_READ_WHOLE && report.kind == REPORT_PADDING)
			read = take_report(ring, &taken, &report);
		CHECK(read == REPORT_READ_WHOLE && report.length == n && strlen(report.path) == n);
	}
}

static void test_damaged_reports(void)
{
	CHECK(read_head((struct report_head){3, REPORT_OPEN, 0}, 16) == REPORT_READ_WHOLE);
	/* Longer than what waits, than the ring, than a path; of no kind; of no result; without a path; with a NUL in it. */
	CHECK(read_head((struct report_head){9, REPORT_OPEN, 0}, 16) == REPORT_READ_DAMAGED);
	CHECK(read_head((struct report_head){UINT32_MAX, REPORT_OPEN, 0}, RING_BYTES) == REPORT_READ_DAMAGED);
	CHECK(read_head((struct report_head){UINT32_MAX - 7, REPORT_PADDING, 0}, RING_BYTES) == REPORT_READ_DAMAGED);
	CHECK(read_head((struct report_head){4096, REPORT_OPEN, 0}, RING_BYTES) == REPORT_READ_DAMAGED);
	CHECK(read_head((struct report_head){3, LAST_REPORT_KIND + 1, 0}, 16) == REPORT_READ_DAMAGED);
	CHECK(read_head((struct report_head){3, REPORT_OPEN, FOUND_FOLDER + 1}, 16) == REPORT_READ_DAMAGED);
	CHECK(read_head((struct report_head){0, REPORT_OPEN, 0}, 16) == REPORT_READ_DAMAGED);
	CHECK(read_head((struct report_head){60, REPORT_OPEN, 0}, 72) == REPORT_READ_DAMAGED);
	/* More waits than there is room for, less than a head, or not at a multiple of 8. */
	CHECK(read_head((struct report_head){3, REPORT_OPEN, 0}, RING_BYTES + 8) == REPORT_READ_DAMAGED);
	CHECK(read_head((struct report_head){3, REPORT_OPEN, 0}, 7) == REPORT_READ_DAMAGED);
	empty_ring();
	ring->written = 60;
	taken = 20;
	CHECK(take_report(ring, &taken, &report) == REPORT_READ_DAMAGED);
	/* Overwritten as a whole. */
	empty_ring();
	memset(ring, 0xff, sizeof *ring);
	CHECK(take_report(ring, &taken, &report) == REPORT_READ_DAMAGED);
}

void test_report_rings(void)
{
	ring = malloc(sizeof *ring);
	test_whole_reports();
	test_damaged_reports();
	free(ring);
}
