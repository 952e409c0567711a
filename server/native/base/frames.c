/* Puts whole frames that tell of no call, for the supervisor and the tracer. docs/trace-format.md says what the fields mean. */
#include "base/frames.h"

#include <string.h>

void put_ready(struct stream *s, bool sees_deaths)
{
	stream_begin(s, FRAME_READY);
	stream_u8(s, sees_deaths);
	stream_commit(s);
}

void put_end(struct stream *s, int status)
{
	stream_begin(s, FRAME_END);
	stream_u32(s, (uint32_t)status);
	stream_commit(s);
}

void put_failure(struct stream *s, const char *step, int error, const char *detail)
{
	stream_begin(s, FRAME_FAILURE);
	stream_text(s, step, strlen(step));
	stream_u32(s, (uint32_t)error);
	stream_text(s, detail, strlen(detail));
	stream_commit(s);
}

void put_exceeded(struct stream *s, const char *limit)
{
	stream_begin(s, FRAME_EXCEEDED);
	stream_text(s, limit, strlen(limit));
	stream_commit(s);
}

void put_gap(struct stream *s, uint32_t serial, const char *reason)
{
	stream_begin(s, FRAME_GAP);
	stream_u32(s, serial);
	stream_text(s, reason, strlen(reason));
	stream_commit(s);
}

void put_process(struct stream *s, uint32_t serial, uint32_t parent, pid_t pid)
{
	stream_begin(s, FRAME_PROCESS);
	stream_u32(s, serial);
	stream_u32(s, parent);
	stream_u32(s, (uint32_t)pid);
	stream_commit(s);
}

void put_exited(struct stream *s, uint32_t serial)
{
	stream_begin(s, FRAME_EXITED);
	stream_u32(s, serial);
	stream_commit(s);
}

void put_killed(struct stream *s, uint32_t serial, uint8_t signal)
{
	stream_begin(s, FRAME_KILLED);
	stream_u32(s, serial);
	stream_u8(s, signal);
	stream_commit(s);
}
