/* The tracer. Its parts share above all the call that is in hand. */
#ifndef EBUILD_AUDIT_TRACER_H
#define EBUILD_AUDIT_TRACER_H

#include "base/stream.h"
#include "trace/calls.h"
#include "trace/deaths.h"
#include "trace/other-formats.h"
#include "trace/places.h"
#include "trace/process-table.h"
#include "trace/reporter-list.h"

#include <stdatomic.h>

/* Look-ups that have been told, by a part of their hash: a process asks for the same few paths again and again. */
#define REMEMBERED 16384

/* The arguments of a program that are told as look-ups (canonical-names.c). A script asks for one or two. */
#define MOST_CANONICAL 16
struct canonical_names {
	bool are_wanted;
	size_t count;
	char paths[MOST_CANONICAL][ABSOLUTE_BYTES];
};

struct seccomp_notif;
struct seccomp_notif_resp;

struct tracer {
	struct stream *stream;
	struct processes processes;
	struct places places;
	struct deaths deaths;
	/* That the places could not be read has been told; the next call tries again. */
	bool is_blind;
	struct other_formats formats;

	/* The thread that answers, and the wish that it end. */
	int listener;
	pthread_t thread;
	bool thread_runs;
	atomic_bool stopping;
	/* Why it has ended before it was asked to: an errno, or 0. */
	atomic_int failure;

	/* The call in hand: the notification, who makes it, what it is, and whether its pointers have 4 bytes. */
	struct seccomp_notif *request;
	struct seccomp_notif_resp *response;
	size_t request_size, response_size;
	struct process caller;
	const struct call *call;
	bool narrow;
	/* The call was answered in passing, with a descriptor. */
	bool is_answered;

	/* What has been told (told.c). */
	uint64_t seed, remembered[REMEMBERED];
	/* How often a process has asked for a new link or a new name. */
	uint32_t links_made;
	struct canonical_names names;
	/* Whether the program that was executed last is linked by the dynamic linker of glibc (exec-frame.c). */
	bool uses_glibc;
	struct reporters reporters;
	/* Room for what is read of the caller. */
	struct hops hops;
	char path[PATH_BYTES], absolute[ABSOLUTE_BYTES], other[ABSOLUTE_BYTES];
};

#endif
