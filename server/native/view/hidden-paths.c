/*
 * Fills the layer that hides: makes whiteouts, and the folders that they lie in.
 *
 * All whiteouts are hard links of one. The kernel makes links faster than inodes, and forgets them faster. The names come in runs that
 * share a folder. Several processes link many names at once. Each has a whiteout of its own, because links of one inode wait for each
 * other.
 */
#include "view/hidden-paths.h"

#include "base/cleanup.h"
#include "base/open.h"
#include "view/source-folder.h"
#include "view/whiteout.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKER_LIMIT 8
/* Fewer names than this are not worth another process. */
#define NAMES_PER_WORKER 4096
/* A run has no more names than this, so that several processes share a large folder too. */
#define RUN_LIMIT 4096
#define CANCEL_MS 50

/* Consecutive `h` records whose paths lie in one folder. */
struct run {
	/* The folder in the layer, not terminated: `length` bytes, 0 for its top. */
	const char *folder;
	size_t length;
	/* The first path of the run; only its last component counts. */
	const char *first;
	size_t count;
	/* The memory of `folder` where it is no part of the plan. */
	char *resolved;
};

struct runs {
	struct run *list;
	size_t used, capacity, names;
};

/* The folder whose existence in the layer is known. */
struct known {
	char path[PATH_BYTES];
	size_t length;
};

/* What the processes that link share. */
struct linking {
	atomic_size_t next;
	struct {
		int error;
		char detail[PATH_BYTES];
	} failed[WORKER_LIMIT];
};

static const char *next_record(const char *record)
{
	return record + strlen(record) + 1;
}

/* Returns how much of `path` is known as a folder, or as part of the way to one. */
static size_t shared_length(const struct known *known, const char *path, size_t length)
{
	size_t shared = 0;
	for (size_t i = 0;; i++) {
		bool ends = i == length || path[i] == '/';
		if (ends && (i == known->length || known->path[i] == '/'))
			shared = i;
		if (i == length || i == known->length || path[i] != known->path[i])
			return shared;
	}
}

enum made { MADE, MADE_NONE, MADE_FAILED };

/* Makes the folder `path` and those above it in the layer. MADE_NONE: the source has none there, or it is hidden. */
static enum made make_folders(struct view *v, struct known *known, const char *path, size_t length)
{
	char prefix[PATH_BYTES];
	memcpy(prefix, path, length);
	prefix[length] = '\0';
	for (size_t i = shared_length(known, path, length) + 1; i <= length; i++) {
		struct stat st;
		if (i < length && path[i] != '/')
			continue;
		prefix[i] = '\0';
		if (!stat_shown(v, prefix, &st) || !S_ISDIR(st.st_mode))
			return MADE_NONE;
		if (mkdirat(v->layer_fd, prefix, 0755) != 0) {
			if (errno == ENOTDIR)
				return MADE_NONE;
			if (errno != EEXIST)
				return MADE_FAILED;
			if (!is_folder(v->layer_fd, prefix))
				return MADE_NONE;
		} else if ((st.st_mode & 01777) != 0755 && fchmodat(v->layer_fd, prefix, st.st_mode & 01777, 0) != 0) {
			return MADE_FAILED;
		}
		if (i < length)
			prefix[i] = path[i];
	}
	memcpy(known->path, path, length);
	known->length = length;
	return MADE;
}

/* Starts a run for `path`, whose folder has `length` bytes. One without a first path needs no hiding. */
static bool start_run(struct view *v, struct runs *runs, struct known *known, const char *path, size_t length)
{
	if (!is_inner_path(path))
		return fail(v->failure, "view", EINVAL, path);
	if (runs->used == runs->capacity) {
		size_t capacity = runs->capacity ? runs->capacity * 2 : 256;
		struct run *list = realloc(runs->list, capacity * sizeof *list);
		if (!list)
			return fail(v->failure, "whiteout", ENOMEM, path);
		runs->list = list;
		runs->capacity = capacity;
	}
	struct run run = {.folder = path, .length = length};
	enum made made = make_folders(v, known, path, length);
	char resolved[PATH_BYTES];
	ssize_t n = made == MADE_NONE ? resolve_folder(v, path, length, resolved) : -1;
	if (n >= 0) {
		run.folder = run.resolved = strdup(resolved);
		run.length = (size_t)n;
		made = run.resolved ? make_folders(v, known, resolved, (size_t)n) : MADE_FAILED;
	}
	if (made == MADE_FAILED)
		return fail(v->failure, "whiteout", errno, path);
	run.first = made == MADE ? path : NULL;
	runs->list[runs->used++] = run;
	return true;
}

/* Sorts the paths into runs and makes the folders that they lie in. */
static bool collect_runs(struct view *v, struct runs *runs, const char *path, const struct plan *plan, size_t *offset)
{
	struct known known = {0};
	/* The folder of the current run as the plan has it. */
	const char *folder = NULL;
	size_t folder_length = 0;
	for (;;) {
		const char *name = last_component(path);
		size_t length = (size_t)(name - path);
		length -= length > 0;
		struct run *run = runs->used ? &runs->list[runs->used - 1] : NULL;
		bool same = folder && length == folder_length && memcmp(folder, path, length) == 0;
		bool plain = *name && *name != '.';
		if (!same || !plain || run->count == RUN_LIMIT) {
			if (!start_run(v, runs, &known, path, length))
				return false;
			run = &runs->list[runs->used - 1];
			folder = path;
			folder_length = length;
		}
		run->count++;
		if (++runs->names % 4096 == 0 && v->cancelled && v->cancelled())
			return fail(v->failure, "cancelled", ECANCELED, "");
		size_t before = *offset;
		const char *record = plan_next(plan, offset);
		if (!record || record[0] != 'h') {
			*offset = before;
			return true;
		}
		path = record + 1;
	}
}

/* Links the whiteout `own` of the folder `whiteouts` to the names of a run; returns the path that failed, with errno, or NULL. */
static const char *link_run(const struct view *v, int whiteouts, const char *own, const struct run *run)
{
	char folder[PATH_BYTES];
	memcpy(folder, run->length ? run->folder : ".", run->length ? run->length : 1);
	folder[run->length ? run->length : 1] = '\0';
	AUTO_CLOSE int fd = openat(v->layer_fd, folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		/* The folder has been hidden as a whole meanwhile. */
		return errno == ENOENT || errno == ENOTDIR ? NULL : run->first;
	const char *path = run->first, *failed = NULL;
	for (size_t i = 0; i < run->count && !failed; i++, path = next_record(path) + 1) {
		const char *name = last_component(path);
		if (linkat(whiteouts, own, fd, name, 0) == 0 || errno == ENAMETOOLONG)
			continue;
		if (errno != EEXIST) {
			failed = path;
		} else if (is_folder(fd, name)) {
			/* The folder was made for something hidden inside. A whiteout of the whole folder makes it needless. */
			char away[64];
			static unsigned count;
			snprintf(away, sizeof away, "%u-%s-%u", v->overlays, own, count++);
			if ((renameat(fd, name, whiteouts, away) != 0 || linkat(whiteouts, own, fd, name, 0) != 0) && errno != ENOENT)
				failed = path;
		}
	}
	return failed;
}

/* Takes one run after another until none is left. */
static void link_runs(const struct view *v, int whiteouts, const struct runs *runs, struct linking *linking, unsigned worker)
{
	char own[16];
	snprintf(own, sizeof own, "%u", worker);
	const char *failed = put_whiteout(whiteouts, own) ? NULL : v->source;
	for (size_t i; !failed && (i = atomic_fetch_add(&linking->next, 1)) < runs->used;)
		if (runs->list[i].first)
			failed = link_run(v, whiteouts, own, &runs->list[i]);
	if (failed) {
		linking->failed[worker].error = errno;
		snprintf(linking->failed[worker].detail, PATH_BYTES, "%s", failed);
	}
}

static unsigned count_workers(size_t names)
{
	cpu_set_t cpus;
	size_t most = sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? (size_t)CPU_COUNT(&cpus) : 1;
	if (most > names / NAMES_PER_WORKER)
		most = names / NAMES_PER_WORKER;
	return most > WORKER_LIMIT ? WORKER_LIMIT : most < 1 ? 1 : (unsigned)most;
}

/* Links in several processes and waits for them. */
static bool link_in_parallel(struct view *v, int whiteouts, const struct runs *runs, struct linking *linking, unsigned workers)
{
	/* Every worker holds the writing end. The reading end is at its end when the last worker has left. */
	AUTO_CLOSE int working = -1;
	AUTO_CLOSE int work = -1;
	pid_t pids[WORKER_LIMIT];
	if (!open_pipe(&working, &work, 0))
		return fail(v->failure, "whiteout", errno, v->source);
	for (unsigned i = 0; i < workers; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			link_runs(v, whiteouts, runs, linking, i);
			_exit(0);
		}
		if (pids[i] < 0)
			linking->failed[i].error = errno;
	}
	close_descriptor(&work);
	bool cancelled = false;
	while (poll(&(struct pollfd){.fd = working, .events = POLLIN}, 1, CANCEL_MS) <= 0 && !cancelled)
		cancelled = v->cancelled && v->cancelled();
	for (unsigned i = 0; i < workers; i++) {
		int status = 0;
		if (pids[i] < 0)
			continue;
		if (cancelled)
			kill(pids[i], SIGKILL);
		while (waitpid(pids[i], &status, 0) < 0 && errno == EINTR)
			continue;
		if (!cancelled && status != 0)
			linking->failed[i].error = ECHILD;
	}
	return !cancelled || fail(v->failure, "cancelled", ECANCELED, "");
}

/* Links in one process or in several. Returns false when one of them failed. */
static bool link_shared(struct view *v, int whiteouts, const struct runs *runs, struct linking *linking)
{
	unsigned workers = count_workers(runs->names);
	if (workers > 1 && !link_in_parallel(v, whiteouts, runs, linking, workers))
		return false;
	if (workers == 1)
		link_runs(v, whiteouts, runs, linking, 0);
	for (unsigned i = 0; i < workers; i++)
		if (linking->failed[i].error != 0)
			return fail(v->failure, "whiteout", linking->failed[i].error, linking->failed[i].detail);
	return true;
}

static bool link_all(struct view *v, const struct runs *runs)
{
	char place[PATH_BYTES];
	snprintf(place, sizeof place, "%.*s/layer/whiteout", PATH_BYTES - 32, v->staging);
	AUTO_CLOSE int whiteouts = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (whiteouts < 0)
		return fail(v->failure, "staging", errno, place);
	struct linking *linking = mmap(NULL, sizeof *linking, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (linking == MAP_FAILED)
		return fail(v->failure, "staging", errno, place);
	bool done = link_shared(v, whiteouts, runs, linking);
	munmap(linking, sizeof *linking);
	return done;
}

static void free_runs(struct runs *runs)
{
	for (size_t i = 0; i < runs->used; i++)
		free(runs->list[i].resolved);
	free(runs->list);
}

bool hide_paths(struct view *v, const char *first, const struct plan *plan, size_t *offset)
{
	__attribute__((cleanup(free_runs))) struct runs runs = {0};
	return collect_runs(v, &runs, first, plan, offset) && link_all(v, &runs);
}
