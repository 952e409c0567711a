/* Deaths of children that are killed in every way. */
#include "base/cleanup.h"
#include "tests/native-test.h"
#include "trace/deaths.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start_waiting(void)
{
	pid_t child = fork();
	if (child == 0)
		for (;;)
			pause();
	return child;
}

static void end(pid_t child, int signal)
{
	kill(child, signal);
	waitpid(child, NULL, 0);
}

/* Kills a watched child after `sent` calls that send a signal; returns how many deaths are told. */
static size_t count_deaths(struct deaths *deaths, int signal, int sent, bool to_many)
{
	struct death out[MOST_DEATHS];
	deaths_open(deaths);
	pid_t first = start_waiting(), child = start_waiting();
	deaths_watch(deaths, 1, first);
	deaths_watch(deaths, 2, child);
	CHECK(deaths_take(deaths, out) == 0);
	for (int i = 0; i < sent; i++)
		deaths_sent(deaths, (uint64_t)signal, to_many);
	end(child, signal);
	size_t count = deaths_take(deaths, out);
	for (size_t i = 0; i < count; i++)
		CHECK(out[i].serial == 2 && out[i].signal == signal);
	CHECK(deaths_take(deaths, out) == 0);
	/* The kernel kills whoever is left once the first has gone. */
	pid_t late = start_waiting();
	deaths_watch(deaths, 3, late);
	deaths_leave(deaths, 1);
	end(late, SIGKILL);
	CHECK(deaths_take(deaths, out) == 0);
	end(first, SIGKILL);
	deaths_close(deaths);
	return count;
}

static void test_many(struct deaths *deaths)
{
	struct death out[MOST_DEATHS];
	deaths_open(deaths);
	/* One that leaves on its own is not watched any more, whatever becomes of it. */
	pid_t child = start_waiting();
	deaths_watch(deaths, 5, child);
	deaths_leave(deaths, 5);
	CHECK(deaths->count == 0);
	end(child, SIGKILL);
	CHECK(deaths_take(deaths, out) == 0);
	/* One signal explains one death. */
	pid_t pair[2] = {start_waiting(), start_waiting()};
	deaths_watch(deaths, 6, pair[0]);
	deaths_watch(deaths, 7, pair[1]);
	deaths_sent(deaths, SIGKILL, false);
	end(pair[0], SIGKILL);
	end(pair[1], SIGKILL);
	CHECK(deaths_take(deaths, out) == 1);
	/* The death of the first process explains all others. */
	pid_t all[2] = {start_waiting(), start_waiting()};
	deaths_watch(deaths, 8, all[1]);
	deaths_watch(deaths, 1, all[0]);
	end(all[1], SIGTERM);
	end(all[0], SIGTERM);
	CHECK(deaths_take(deaths, out) == 1 && out[0].serial == 1 && out[0].signal == SIGTERM);
	CHECK(deaths->over && deaths->count == 0);
	deaths_close(deaths);
}

/* A child that its parent does not wait for is judged before the sandbox ends. */
static void test_zombie(struct deaths *deaths)
{
	struct death out[MOST_DEATHS];
	deaths_open(deaths);
	pid_t child = start_waiting();
	deaths_watch(deaths, 2, child);
	kill(child, SIGTERM);
	siginfo_t info;
	CHECK(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0);
	CHECK(deaths_take(deaths, out) == 0);
	deaths_leave(deaths, 1);
	CHECK(deaths_take(deaths, out) == 1 && out[0].signal == SIGTERM);
	waitpid(child, NULL, 0);
	deaths_close(deaths);
}

/* Too few descriptors, and more processes than are watched: the rest is not watched, and nothing else suffers. */
static void test_shortage(struct deaths *deaths)
{
	struct rlimit before, few = {.rlim_cur = 128, .rlim_max = 0};
	getrlimit(RLIMIT_NOFILE, &before);
	deaths_open(deaths);
	few.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_NOFILE, &few);
	for (uint32_t serial = 2; serial < 2 + 2 * MOST_WATCHED; serial++)
		deaths_watch(deaths, serial, getpid());
	CHECK(deaths->count < 128);
	int fd = dup(0);
	CHECK(fd >= 0);
	close(fd);
	setrlimit(RLIMIT_NOFILE, &before);
	deaths_sent(deaths, UINT64_MAX, true);
	deaths_close(deaths);
}

void test_deaths(void)
{
	AUTO_FREE struct deaths *deaths = calloc(1, sizeof *deaths);
	deaths_open(deaths);
	bool able = deaths->able;
	deaths_close(deaths);
	test_shortage(deaths);
	if (!able)
		return;
	CHECK(count_deaths(deaths, SIGKILL, 0, false) == 1);
	CHECK(count_deaths(deaths, SIGTERM, 0, false) == 1);
	CHECK(count_deaths(deaths, SIGKILL, 1, false) == 0);
	CHECK(count_deaths(deaths, SIGKILL, 1, true) == 0);
	/* The kernel sends these for what a process does itself. */
	CHECK(count_deaths(deaths, SIGABRT, 0, false) == 0);
	CHECK(count_deaths(deaths, SIGPIPE, 0, false) == 0);
	test_many(deaths);
	test_zombie(deaths);
}
