/* The event stream of docs/trace-format.md: the buffer of frames, and the fields that they are put together from. */
#ifndef EBUILD_AUDIT_STREAM_H
#define EBUILD_AUDIT_STREAM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame {
	FRAME_PROCESS = 1,
	FRAME_EXEC = 2,
	FRAME_ACCESS = 3,
	FRAME_GAP = 4,
	FRAME_END = 5,
	FRAME_FAILURE = 6,
	FRAME_READY = 7,
	FRAME_EXCEEDED = 8,
	FRAME_EXITED = 9,
	FRAME_CONNECT = 10,
	FRAME_KILLED = 11,
};

/* A path is sent once and then named by its slot, as long as no other path has taken that. */
#define PATH_SLOTS 16384
#define SLOT_BYTES 180

struct path_slot {
	uint16_t length;
	char path[SLOT_BYTES];
};

/*
 * A buffer of frames on their way to `fd`. One frame is open at a time, from stream_begin to stream_commit. The thread that began
 * it holds the stream until then.
 */
struct stream {
	int fd;
	/* This is asked while a write would block. True means that nobody wants the rest. */
	bool (*abandoned)(void);
	bool broken;
	size_t used, start;
	pthread_mutex_t lock;
	/* The slots that the open frame has filled. A rollback empties them again. */
	size_t filled_count;
	uint16_t filled[128];
	struct path_slot *slots;
	uint8_t bytes[1 << 18];
};

/* Returns false when there is no memory for the slots. */
bool stream_open(struct stream *s, int fd, bool (*abandoned)(void));
void stream_begin(struct stream *s, enum frame type);
void stream_u8(struct stream *s, uint8_t value);
void stream_u16(struct stream *s, uint16_t value);
void stream_u32(struct stream *s, uint32_t value);
void stream_text(struct stream *s, const char *bytes, size_t length);
void stream_path(struct stream *s, const char *bytes, size_t length);
void stream_commit(struct stream *s);
void stream_rollback(struct stream *s);
bool stream_pending(const struct stream *s);
/* Writes what is committed. It does nothing while another thread holds the stream, because that thread will write. */
bool stream_flush(struct stream *s);

#endif
