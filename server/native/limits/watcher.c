/*
 * Looks from outside at what the sandbox uses, in a process of its own that leaves with the limit that was exceeded.
 *
 * It looks often and cheaply. A cheap look can only be wrong by alarm, and then a thorough one follows. How often it looks depends
 * on what the looks have cost.
 */
#include "limits/watcher.h"

#include "base/cleanup.h"
#include "base/open.h"
#include "base/text-file.h"
#include "limits/process-usage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SOONEST_MS 200
#define LATEST_MS 600
/* A look may cost one part in so many of the time until the next, unless that is LATEST_MS. */
#define LOOK_SHARE 400
/* The same for a thorough look when there is reason to suspect, and for counting the folders when there is none. */
#define SUSPECT_SHARE 1
#define CALM_SHARE 500
#define CALM_MS 10000

/* A count of the folders in a process of its own, which may take seconds. */
struct count {
	pid_t pid;
	int answer;
	int64_t began, cost, ended;
	/* What was in use when it began. */
	struct file_systems then;
	/* What the last one came to, less what lay there before, and what may have been added since it began. */
	struct folder_usage found;
	struct file_systems added;
};

struct watcher {
	const struct watch *watch;
	/* Where the kernel counts, as long as it does. */
	struct cgroup cgroup;
	/* The command has ended. What is alarming now is judged at once. */
	bool last;
	int64_t began, thorough_cost, thorough_ended;
	dev_t scratch_device;
	/* What the writable folders' file systems had in use at the last look. */
	struct file_systems now;
	struct count count;
};

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t cpu_microseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool is_over(uint64_t used, uint64_t most)
{
	return most != 0 && used > most;
}

static uint64_t beyond(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

/* ---- memory ---- */

/* The machine's shared memory: files in memory of every kind. */
static uint64_t machine_shared(void)
{
	char text[4096];
	read_text(AT_FDCWD, "/proc/meminfo", text, sizeof text);
	return parse_kilobytes(text, "Shmem");
}

static void scratch_usage(const struct watch *watch, struct file_systems *used)
{
	struct statvfs fs;
	*used = (struct file_systems){0};
	if (!watch->scratch || statvfs(watch->scratch, &fs) != 0)
		return;
	used->bytes = (uint64_t)(fs.f_blocks - fs.f_bfree) * fs.f_frsize;
	used->files = fs.f_files - fs.f_ffree;
}

static uint64_t segment_usage(int segments)
{
	/* Enough for the 4096 segments that a namespace may have unless the machine says otherwise (kernel.shmmni). */
	static char text[1 << 20];
	size_t used = 0;
	for (ssize_t n = 1; segments >= 0 && n > 0 && used < sizeof text - 1; used += n > 0 ? (size_t)n : 0)
		n = pread(segments, text + used, sizeof text - 1 - used, (off_t)used);
	text[used] = '\0';
	return parse_segments(text);
}

static bool is_memory_over(struct watcher *w, uint64_t resident, uint64_t scratch)
{
	const struct watch *watch = w->watch;
	uint64_t most = watch->limits.most[LIMIT_MEMORY];
	if (most == 0 || w->cgroup.memory)
		return false;
	/* This sum is too large on purpose. It counts what is shared for everybody, and other programs' shared memory too. */
	if (!is_over(resident + scratch + beyond(machine_shared(), watch->shared_before), most))
		return false;
	int64_t began = clock_ms(CLOCK_MONOTONIC);
	if (began < w->thorough_ended + SUSPECT_SHARE * w->thorough_cost)
		return false;
	struct memory_usage usage = {0};
	count_memory(watch->proc, w->scratch_device, &usage);
	w->thorough_ended = clock_ms(CLOCK_MONOTONIC);
	w->thorough_cost = w->thorough_ended - began;
	/* Shared memory is mapped, or a file, or both. It shall not count twice. */
	uint64_t files = scratch + usage.memory_files + segment_usage(watch->segments);
	return usage.anonymous + (files > usage.mapped ? files : usage.mapped) > most;
}

/* ---- disk and files ---- */

static void file_systems_usage(const struct watch *watch, struct file_systems *used)
{
	dev_t seen[16];
	size_t count = 0;
	*used = (struct file_systems){0};
	for (size_t i = 0; i < watch->folder_count; i++) {
		struct statvfs fs;
		struct stat st;
		bool known = false;
		if (stat(watch->folders[i], &st) != 0 || statvfs(watch->folders[i], &fs) != 0)
			continue;
		for (size_t j = 0; j < count; j++)
			known = known || seen[j] == st.st_dev;
		if (known || count == sizeof seen / sizeof *seen)
			continue;
		seen[count++] = st.st_dev;
		used->bytes += (uint64_t)(fs.f_blocks - fs.f_bfree) * fs.f_frsize;
		used->files += fs.f_files - fs.f_ffree;
	}
}

static void count_folders(const struct watch *watch, const struct folder_usage *most, struct folder_usage *usage)
{
	for (size_t i = 0; i < watch->folder_count; i++)
		count_folder(watch->folders[i], most, usage);
}

static _Noreturn void answer_count(const struct watcher *w, int answer)
{
	const struct watch *watch = w->watch;
	struct folder_usage usage = {0}, most = {0};
	struct memory_usage open = {0};
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (watch->proc >= 0)
		count_open_files(watch->proc, w->scratch_device, &open);
	usage.bytes = open.disk_files;
	if (watch->limits.most[LIMIT_DISK] != 0)
		most.bytes = watch->limits.most[LIMIT_DISK] + watch->before.bytes;
	if (watch->limits.most[LIMIT_FILES] != 0)
		most.files = watch->limits.most[LIMIT_FILES] + watch->before.files;
	count_folders(watch, &most, &usage);
	_exit(write(answer, &usage, sizeof usage) == (ssize_t)sizeof usage ? 0 : 1);
}

static void begin_count(struct watcher *w)
{
	AUTO_CLOSE int reading = -1;
	AUTO_CLOSE int writing = -1;
	if (!open_pipe(&reading, &writing, O_NONBLOCK))
		return;
	pid_t parent = getpid();
	w->count.pid = fork();
	if (w->count.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		answer_count(w, writing);
	}
	if (w->count.pid < 0) {
		w->count.pid = 0;
		return;
	}
	w->count.answer = take_descriptor(&reading);
	w->count.began = clock_ms(CLOCK_MONOTONIC);
	w->count.then = w->now;
	w->count.added = (struct file_systems){0};
}

/* Takes the answer of a count that has ended. A build that makes counting fail is taken at its file systems' word. */
static void end_count(struct watcher *w)
{
	struct count *count = &w->count;
	const struct watch *watch = w->watch;
	struct folder_usage usage;
	if (count->pid == 0 || waitpid(count->pid, NULL, w->last ? 0 : WNOHANG) == 0)
		return;
	count->pid = 0;
	count->ended = clock_ms(CLOCK_MONOTONIC);
	count->cost = count->ended - count->began;
	if (read(count->answer, &usage, sizeof usage) != (ssize_t)sizeof usage)
		usage = (struct folder_usage){.incomplete = true};
	close_descriptor(&count->answer);
	usage.bytes = beyond(usage.bytes, watch->before.bytes);
	usage.files = beyond(usage.files, watch->before.files);
	if (usage.incomplete) {
		uint64_t bytes = beyond(count->then.bytes, watch->file_systems_before.bytes);
		uint64_t files = beyond(count->then.files, watch->file_systems_before.files);
		usage.bytes = bytes > usage.bytes ? bytes : usage.bytes;
		usage.files = files > usage.files ? files : usage.files;
	}
	count->found = usage;
}

static enum limit judge_folders(const struct watcher *w, const struct file_systems *scratch)
{
	const struct limits *limits = &w->watch->limits;
	if (is_over(w->count.found.bytes, limits->most[LIMIT_DISK]))
		return LIMIT_DISK;
	return is_over(w->count.found.files + scratch->files, limits->most[LIMIT_FILES]) ? LIMIT_FILES : LIMIT_NONE;
}

static enum limit look_at_folders(struct watcher *w, const struct file_systems *scratch)
{
	const struct limits *limits = &w->watch->limits;
	struct count *count = &w->count;
	uint64_t bytes = limits->most[LIMIT_DISK], files = limits->most[LIMIT_FILES];
	if (w->watch->folder_count > 0 && (bytes != 0 || files != 0)) {
		end_count(w);
		struct file_systems now;
		file_systems_usage(w->watch, &now);
		/* Whatever is written may be ours. Whatever is removed may be others'. */
		count->added.bytes += beyond(now.bytes, w->now.bytes);
		count->added.files += beyond(now.files, w->now.files);
		w->now = now;
		int64_t passed = clock_ms(CLOCK_MONOTONIC) - count->ended;
		bool alarming = is_over(count->found.bytes + count->added.bytes, bytes) ||
		                is_over(count->found.files + count->added.files + scratch->files, files);
		if (count->pid == 0 && ((alarming && (w->last || passed >= SUSPECT_SHARE * count->cost)) ||
		                        (!w->last && passed >= CALM_MS && passed >= CALM_SHARE * count->cost)))
			begin_count(w);
		if (w->last)
			end_count(w);
	}
	return judge_folders(w, scratch);
}

/* ---- all of it ---- */

static enum limit look(struct watcher *w)
{
	const struct watch *watch = w->watch;
	const struct limits *limits = &watch->limits;
	if (limits->most[LIMIT_TIME] != 0 && (uint64_t)(clock_ms(CLOCK_MONOTONIC) - w->began) > limits->most[LIMIT_TIME])
		return LIMIT_TIME;
	cgroup_check(&w->cgroup);
	enum limit exceeded = cgroup_exceeded(&w->cgroup);
	if (exceeded != LIMIT_NONE)
		return exceeded;
	struct process_usage processes = {0};
	if (watch->proc >= 0 && !(w->cgroup.pids && w->cgroup.memory))
		count_processes(watch->proc, &processes);
	if (is_over(processes.tasks, limits->most[LIMIT_PROCESSES]))
		return LIMIT_PROCESSES;
	struct file_systems scratch;
	scratch_usage(watch, &scratch);
	if (is_memory_over(w, processes.resident, scratch.bytes))
		return LIMIT_MEMORY;
	return look_at_folders(w, &scratch);
}

void watch_prepare(struct watch *watch)
{
	const struct folder_usage no_limit = {0};
	watch->proc = watch->segments = -1;
	if (watch->limits.most[LIMIT_DISK] != 0 || watch->limits.most[LIMIT_FILES] != 0)
		count_folders(watch, &no_limit, &watch->before);
	file_systems_usage(watch, &watch->file_systems_before);
	watch->shared_before = machine_shared();
}

_Noreturn void watch_run(const struct watch *watch)
{
	static struct watcher w;
	struct stat st;
	w.watch = watch;
	w.cgroup = watch->cgroup;
	w.began = w.count.ended = clock_ms(CLOCK_MONOTONIC);
	w.scratch_device = watch->scratch && stat(watch->scratch, &st) == 0 ? st.st_dev : 0;
	w.now = watch->file_systems_before;
	sigset_t awaited;
	sigemptyset(&awaited);
	sigaddset(&awaited, SIGTERM);
	sigaddset(&awaited, SIGCHLD);
	sigprocmask(SIG_BLOCK, &awaited, NULL);
	for (;;) {
		int64_t cpu = cpu_microseconds();
		enum limit exceeded = look(&w);
		if (exceeded != LIMIT_NONE || w.last)
			_exit((int)exceeded);
		int64_t pause = (cpu_microseconds() - cpu) * LOOK_SHARE / 1000;
		pause = pause < SOONEST_MS ? SOONEST_MS : pause > LATEST_MS ? LATEST_MS : pause;
		struct timespec wait = {.tv_nsec = (long)pause * 1000000};
		w.last = sigtimedwait(&awaited, NULL, &wait) == SIGTERM;
	}
}
