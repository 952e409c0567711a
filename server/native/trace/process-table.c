/*
 * Which process made a call, and whose child it is.
 *
 * The kernel reports thread ids and reuses them. A thread is known by (id, start time); the start time is asked again when
 * the id was silent for a second or its process has said that it leaves. A parent is looked up when a process is first
 * seen; a process that leaves registers its children first, so that a subshell that made no call still stands between
 * its children and its parent. Nothing needs to be known about fork itself. Whoever has died is found when the table is full
 * and told then, so that neither this table nor the reader's grows with the number of processes of a build.
 */
#include "trace/process-table.h"

#include "base/cleanup.h"

#include <stdlib.h>

#define SILENCE_MS 1000
#define MOST_ANCESTORS 256
#define MOST_CHILDREN 4096

static size_t slot_of(const struct processes *t, pid_t tid)
{
	return ((uint32_t)tid * 2654435761u) & (t->capacity - 1);
}

static struct process *lookup(const struct processes *t, pid_t tid)
{
	for (size_t i = slot_of(t, tid);; i = (i + 1) & (t->capacity - 1)) {
		if (t->slots[i].tid == tid)
			return &t->slots[i];
		if (t->slots[i].tid == 0)
			return NULL;
	}
}

bool processes_open(struct processes *table, const struct process_source *source, const struct process_audience *audience)
{
	*table = (struct processes){.source = source, .audience = *audience, .capacity = 1024, .outside = -1};
	table->slots = calloc(table->capacity, sizeof *table->slots);
	return table->slots != NULL;
}

void processes_close(struct processes *table)
{
	free_memory(&table->slots);
}

static void place(struct processes *t, const struct process *p)
{
	size_t i = slot_of(t, p->tid);
	while (t->slots[i].tid != 0)
		i = (i + 1) & (t->capacity - 1);
	t->slots[i] = *p;
	t->used++;
}

/* Serial 0 stands for who has been told already. */
static void tell_end(const struct processes *t, struct process *p)
{
	if (p->tid == p->leader && p->serial != 0)
		t->audience.ended(t->audience.context, p->serial);
	p->serial = 0;
}

/* Makes room: forgets whoever is dead, and takes twice the memory only when more than half of them live. */
static void sweep(struct processes *t)
{
	struct process *old = t->slots;
	size_t count = t->capacity, alive = 0;
	for (size_t i = 0; i < count; i++) {
		struct process_stat now;
		if (old[i].tid == 0)
			continue;
		if (t->source->stat(old[i].tid, &now) && now.start == old[i].start)
			alive++;
		else
			tell_end(t, &old[i]);
	}
	size_t capacity = alive * 4 > count ? count * 2 : count;
	struct process *fresh = calloc(capacity, sizeof *fresh);
	if (!fresh)
		return;
	t->slots = fresh;
	t->capacity = capacity;
	t->used = 0;
	for (size_t i = 0; i < count; i++)
		if (old[i].tid != 0 && old[i].serial != 0)
			place(t, &old[i]);
	free(old);
}

static struct process *insert(struct processes *t, const struct process *p)
{
	struct process *known = lookup(t, p->tid);
	if (known) {
		tell_end(t, known);
		*known = *p;
		return known;
	}
	if (t->used * 2 >= t->capacity)
		sweep(t);
	/* One slot stays free: it ends every search. */
	if (t->used + 1 >= t->capacity)
		return NULL;
	place(t, p);
	return lookup(t, p->tid);
}

static struct process *find(struct processes *t, pid_t tid, int64_t now, int depth);

/* Registers a thread group's leader under a parent that is known by serial. */
static struct process *announce(struct processes *t, pid_t pid, uint64_t start, uint32_t parent, int64_t now)
{
	struct process p = {.tid = pid, .leader = pid, .start = start, .seen = now};
	struct process *known = lookup(t, pid);
	if (known)
		tell_end(t, known);
	p.serial = ++t->last_serial;
	p.image = ++t->last_image;
	t->audience.announce(t->audience.context, p.serial, parent, pid);
	return insert(t, &p);
}

static struct process *register_leader(struct processes *t, pid_t pid, const struct process_stat *stat, int64_t now, int depth)
{
	if (t->last_serial == 0) {
		t->outside = stat->parent;
		return announce(t, pid, stat->start, 0, now);
	}
	uint32_t parent = 0;
	if (stat->parent > 1 && stat->parent != t->outside && depth < MOST_ANCESTORS) {
		const struct process *p = find(t, stat->parent, now, depth + 1);
		if (p)
			parent = p->serial;
	}
	bool orphan = parent == 0;
	/* An orphan whose parent was killed hangs on the first process; the gap says so. */
	struct process *p = announce(t, pid, stat->start, orphan ? 1 : parent, now);
	if (p && orphan)
		t->audience.orphan(t->audience.context, p->serial);
	return p;
}

static struct process *find(struct processes *t, pid_t tid, int64_t now, int depth)
{
	struct process *p = lookup(t, tid);
	if (p && p->serial != 0 && !p->leaving && now - p->seen < SILENCE_MS) {
		p->seen = now;
		return p;
	}
	struct process_stat stat;
	if (!t->source->stat(tid, &stat) || (depth == 0 && !t->audience.waiting(t->audience.context)))
		return NULL;
	if (p && p->serial != 0 && p->start == stat.start) {
		p->seen = now;
		return p;
	}
	if (!stat.thread)
		return register_leader(t, tid, &stat, now, depth);
	pid_t leader = t->source->leader(tid);
	if (leader <= 0 || leader == tid || depth >= MOST_ANCESTORS)
		return NULL;
	const struct process *group = find(t, leader, now, depth + 1);
	if (!group)
		return NULL;
	struct process thread = *group;
	thread.tid = tid;
	thread.start = stat.start;
	thread.leaving = false;
	return insert(t, &thread);
}

struct process *processes_find(struct processes *table, pid_t tid, int64_t now)
{
	return tid > 0 ? find(table, tid, now, 0) : NULL;
}

void processes_leave(struct processes *table, pid_t leader, uint32_t serial, int64_t now)
{
	static pid_t children[MOST_CHILDREN];
	size_t count = table->source->children(leader, children, MOST_CHILDREN);
	for (size_t i = 0; i < count; i++) {
		struct process_stat stat;
		const struct process *known = lookup(table, children[i]);
		if (!table->source->stat(children[i], &stat) || (known && known->start == stat.start))
			continue;
		announce(table, children[i], stat.start, serial, now);
	}
	struct process *p = lookup(table, leader);
	if (p)
		p->leaving = true;
}

void processes_exec(struct processes *table, pid_t tid, pid_t leader)
{
	struct process *p = lookup(table, tid);
	if (p)
		p->image = ++table->last_image;
	p = lookup(table, leader);
	if (p)
		p->image = ++table->last_image;
}
