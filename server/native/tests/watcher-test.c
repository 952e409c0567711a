/* Tests that the watcher counts what was taken before its own process had begun. */
#include "base/cleanup.h"
#include "limits/watcher.h"
#include "tests/native-test.h"
#include "tests/temporary-folder-test.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* The limit, and so much more than it that what others free meanwhile does not hide it. */
#define MOST_BYTES (1 << 20)
#define TAKEN_BYTES (64 << 20)
#define MOST_FILES 50
#define TAKEN_FILES 1000

/* Returns what the watcher of a command that has already ended leaves with. */
static enum limit judge(const struct watch *watch)
{
	sigset_t asked, before;
	int status = -1;
	sigemptyset(&asked);
	sigaddset(&asked, SIGTERM);
	/* The order to look for the last time waits for it, as it may do in a run. */
	sigprocmask(SIG_BLOCK, &asked, &before);
	pid_t pid = fork();
	if (pid == 0)
		watch_run(watch);
	sigprocmask(SIG_SETMASK, &before, NULL);
	CHECK(pid > 0 && kill(pid, SIGTERM) == 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return (enum limit)WEXITSTATUS(status);
}

static struct watch watch_folder(char **folder, enum limit limit, uint64_t most)
{
	struct watch watch = {.folders = folder, .folder_count = 1};
	watch.limits.most[limit] = most;
	watch_prepare(&watch);
	return watch;
}

static void test_disk(const char *folder)
{
	char path[PATH_BYTES];
	make_folder(folder, "disk", path);
	struct watch watch = watch_folder((char *[]){path}, LIMIT_DISK, MOST_BYTES);
	CHECK(judge(&watch) == LIMIT_NONE);
	put_file(path, "quick", "");
	AUTO_CLOSE int file = open(strcat(path, "/quick"), O_WRONLY | O_CLOEXEC);
	CHECK(posix_fallocate(file, 0, TAKEN_BYTES) == 0);
	*strrchr(path, '/') = '\0';
	CHECK(judge(&watch) == LIMIT_DISK);
}

static void test_files(const char *folder)
{
	char path[PATH_BYTES], name[32];
	make_folder(folder, "files", path);
	struct watch watch = watch_folder((char *[]){path}, LIMIT_FILES, MOST_FILES);
	for (int i = 0; i < TAKEN_FILES; i++) {
		snprintf(name, sizeof name, "%d", i);
		put_file(path, name, "");
	}
	CHECK(judge(&watch) == LIMIT_FILES);
}

/* Shared memory that nothing has mapped shows in the machine's sum alone, until somebody looks thoroughly. */
static void test_memory(const char *folder)
{
	char path[PATH_BYTES];
	make_folder(folder, "proc", path);
	struct watch watch = watch_folder((char *[]){path}, LIMIT_MEMORY, MOST_BYTES);
	/* A sandbox without processes and with one segment. */
	put_file(folder, "segments", "key\n0 0 600 67108864 2 2 0 0 0 0 0 1 1 1 67108864 0\n");
	AUTO_CLOSE int proc = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int segments = openat(top, "segments", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int memory = memfd_create("quick", MFD_CLOEXEC);
	CHECK(proc >= 0 && segments >= 0 && posix_fallocate(memory, 0, TAKEN_BYTES) == 0);
	watch.proc = proc;
	watch.segments = segments;
	CHECK(judge(&watch) == LIMIT_MEMORY);
}

void test_watcher(void)
{
	char folder[PATH_BYTES];
	make_temporary_folder(folder);
	test_disk(folder);
	test_files(folder);
	test_memory(folder);
	remove_temporary_folder(folder);
}
