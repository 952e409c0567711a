/* Tests the table of processes in a world made for the test. */
#include "tests/native-test.h"
#include "trace/process-table.h"

#include <stdarg.h>
#include <string.h>

struct fake {
	pid_t tid, leader, parent;
	uint64_t start;
};

static struct fake world[8];

static const struct fake *fake(pid_t tid)
{
	for (size_t i = 0; i < 8; i++)
		if (world[i].tid == tid)
			return &world[i];
	return NULL;
}

static bool fake_stat(pid_t tid, struct process_stat *out)
{
	const struct fake *f = fake(tid);
	if (f)
		*out = (struct process_stat){.parent = f->parent, .start = f->start, .thread = f->leader != f->tid};
	return f != NULL;
}

static pid_t fake_leader(pid_t tid)
{
	const struct fake *f = fake(tid);
	return f ? f->leader : -1;
}

static size_t fake_children(pid_t leader, pid_t *out, size_t limit)
{
	size_t count = 0;
	for (size_t i = 0; i < 8 && count < limit; i++)
		if (world[i].tid && world[i].parent == leader && world[i].leader == world[i].tid)
			out[count++] = world[i].tid;
	return count;
}

static const struct process_source source = {fake_stat, fake_leader, fake_children};

/* ---- what is told: appended to the text that is the context ---- */

__attribute__((format(printf, 2, 3))) static void say(char said[512], const char *format, ...)
{
	va_list values;
	size_t n = strlen(said);
	va_start(values, format);
	vsnprintf(said + n, 512 - n, format, values);
	va_end(values);
}

static void fake_announce(void *context, uint32_t serial, uint32_t parent, pid_t pid)
{
	say(context, "%u<%u:%d ", serial, parent, (int)pid);
}

static void fake_orphan(void *context, uint32_t serial)
{
	say(context, "?%u ", serial);
}

static bool fake_waiting(void *context)
{
	(void)context;
	return true;
}

static void fake_ended(void *context, uint32_t serial)
{
	say(context, "!%u ", serial);
}

static void count_end(void *context, uint32_t serial)
{
	*(int *)context += serial > 0;
}

static void quiet(void *context, uint32_t serial, uint32_t parent, pid_t pid)
{
	(void)context, (void)serial, (void)parent, (void)pid;
}

void test_process_table(void)
{
	char said[512] = "";
	int ends = 0;
	struct processes table;
	struct process_audience audience = {said, fake_waiting, fake_announce, fake_orphan, fake_ended};
	CHECK(processes_open(&table, &source, &audience));
	world[0] = (struct fake){100, 100, 50, 1};
	world[1] = (struct fake){101, 101, 100, 2};
	world[2] = (struct fake){102, 102, 101, 3};
	CHECK(processes_find(&table, 100, 0)->serial == 1);
	/* A process is announced after its parents. */
	CHECK(processes_find(&table, 102, 0)->serial == 3);
	CHECK(strcmp(said, "1<0:100 2<1:101 3<2:102 ") == 0);
	/* A thread is its process; a dead thread is nobody. */
	world[3] = (struct fake){103, 102, 101, 4};
	CHECK(processes_find(&table, 103, 0)->serial == 3);
	CHECK(processes_find(&table, 999, 0) == NULL);
	CHECK(processes_find(&table, 0, 0) == NULL);
	/* Who leaves names its children first. */
	said[0] = '\0';
	world[4] = (struct fake){104, 104, 102, 5};
	processes_leave(&table, 102, 3, 0);
	world[4].parent = 50;
	world[2] = (struct fake){0};
	CHECK(processes_find(&table, 104, 0)->serial == 4);
	CHECK(strcmp(said, "4<3:104 ") == 0);
	/* The pid comes back as another process, at once. */
	said[0] = '\0';
	world[2] = (struct fake){102, 102, 100, 9};
	CHECK(processes_find(&table, 102, 1)->serial == 5);
	CHECK(strcmp(said, "!3 5<1:102 ") == 0);
	/* A killed process said nothing: its pid is asked about again after a silence. */
	world[2].start = 12;
	CHECK(processes_find(&table, 102, 2)->serial == 5);
	CHECK(processes_find(&table, 102, 5000)->serial == 6);
	/* An orphan nobody has named hangs on the first process, and that is said. */
	said[0] = '\0';
	world[5] = (struct fake){105, 105, 50, 20};
	CHECK(processes_find(&table, 105, 5000)->serial == 7);
	CHECK(strcmp(said, "7<1:105 ?7 ") == 0);
	/* A circle of parents, which cannot be, ends all the same. */
	world[6] = (struct fake){106, 106, 107, 21};
	world[7] = (struct fake){107, 107, 106, 22};
	CHECK(processes_find(&table, 106, 5000) != NULL);
	/* A build of many processes, of which few live at a time: each end is told, and the table stays small. */
	table.audience = (struct process_audience){&ends, fake_waiting, quiet, fake_orphan, count_end};
	for (pid_t pid = 1000; pid < 201000; pid++) {
		world[5] = (struct fake){pid, pid, 100, (uint64_t)pid};
		struct process *made = processes_find(&table, pid, 5000);
		if (!made || made->serial == 0)
			CHECK(made && made->serial != 0);
	}
	CHECK(ends > 199000 && table.capacity <= 2048);
	CHECK(processes_find(&table, 100, 5000)->serial == 1);
	processes_close(&table);
}
