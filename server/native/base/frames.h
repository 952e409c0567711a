/* Frames that tell of no call. Each function puts one and commits it. */
#ifndef EBUILD_AUDIT_FRAMES_H
#define EBUILD_AUDIT_FRAMES_H

#include "base/stream.h"

#include <sys/types.h>

/* `sees_deaths`: whether `killed` follows if somebody outside the sandbox kills a process. */
void put_ready(struct stream *s, bool sees_deaths);
void put_end(struct stream *s, int status);
void put_failure(struct stream *s, const char *step, int error, const char *detail);
/* `limit` is the name of a limit. */
void put_exceeded(struct stream *s, const char *limit);
/* Serial 0 stands for the whole run. */
void put_gap(struct stream *s, uint32_t serial, const char *reason);
void put_process(struct stream *s, uint32_t serial, uint32_t parent, pid_t pid);
void put_exited(struct stream *s, uint32_t serial);
void put_killed(struct stream *s, uint32_t serial, uint8_t signal);

#endif
