/* Reads the event stream back byte by byte. */
#include "base/cleanup.h"
#include "base/open.h"
#include "base/stream.h"
#include "tests/native-test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void test_stream(void)
{
	static struct stream s;
	AUTO_CLOSE int reading = -1;
	AUTO_CLOSE int writing = -1;
	CHECK(open_pipe(&reading, &writing, 0));
	CHECK(stream_open(&s, writing, NULL));
	stream_begin(&s, FRAME_ACCESS);
	stream_text(&s, "lost", 4);
	stream_rollback(&s);
	stream_begin(&s, FRAME_GAP);
	stream_u32(&s, 0x01020304);
	stream_text(&s, "ab", 2);
	stream_commit(&s);
	CHECK(stream_pending(&s) && stream_flush(&s) && !stream_pending(&s));
	static const uint8_t expected[] = {'E', 'A', 'T', 'R', 2, 0, 0, 0, 9, 0, 0, 0, 4, 4, 3, 2, 1, 2, 0, 'a', 'b'};
	uint8_t got[64];
	CHECK(read(reading, got, sizeof got) == sizeof expected && memcmp(got, expected, sizeof expected) == 0);
	/* A path is sent once; a frame that is taken back takes its path back too. */
	for (int i = 0; i < 3; i++) {
		stream_begin(&s, FRAME_ACCESS);
		stream_path(&s, "/a", 2);
		if (i == 0)
			stream_rollback(&s);
		else
			stream_commit(&s);
	}
	CHECK(stream_flush(&s) && read(reading, got, sizeof got) == 4 + 9 + 4 + 5);
	CHECK(got[5] == 0xfe && got[6] == 0xff && got[9] == 2 && got[11] == '/' && got[18] == 0xff && got[19] == 0xff);
	CHECK(memcmp(got + 7, got + 20, 2) == 0);
	/* A field that does not fit breaks the stream instead of memory. */
	stream_begin(&s, FRAME_GAP);
	char *big = calloc(1, 70000);
	for (int i = 0; i < 6; i++)
		stream_text(&s, big, 70000);
	CHECK(s.broken);
	stream_commit(&s);
	free(big);
	free(s.slots);
}
