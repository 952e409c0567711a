/* Looks up paths in this machine's own root, which stands for a view. Nothing in it is fixed but what the test says. */
#include "base/cleanup.h"
#include "tests/native-test.h"
#include "tests/temporary-folder-test.h"
#include "trace/places.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What a path becomes, last hop first, or NULL. */
static const char *end_of(struct places *places, const char *path, bool follow, enum result *result)
{
	static struct hops hops;
	*result = places_look(places, path, follow, &hops);
	return hops.count > 0 ? hops_end(&hops, path) : NULL;
}

/* Our own process stands for the caller, and its own /proc for that of the sandbox. */
static void test_proc_links(struct places *places, const char *folder, int at)
{
	char path[PATH_BYTES + 128], wanted[PATH_BYTES + 64];
	enum result result;
	pid_t self = getpid();
	places->tid = places->leader = self;
	AUTO_CLOSE int sub = openat(at, "sub", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(symlinkat("/proc/self/root", at, "root-link") == 0);
	snprintf(wanted, sizeof wanted, "%s/sub/file", folder);
	const struct {
		const char *format;
		bool by_descriptor;
	} ways[] = {
		{"/proc/self/fd/%d/file", true}, {"/proc/thread-self/fd/%d/file", true}, {"/proc/self/task/%2$d/fd/%1$d/file", true},
		{"/proc/%2$d/fd/%1$d/file", true}, {"/proc//self/./fd/../fd/%d/file", true}, {"/dev/fd/%d/file", true},
		{"/proc/thread-self/../../fd/%d/file", true}, {"/proc/net/../fd/%d/file", true}, {"/proc/self/root/%3$s/sub/file", false},
		{"/proc/%2$d/root%3$s/relative/file", false}, {"%3$s/root-link%3$s/sub/file", false}, {"/usr/../proc/self/root%3$s/sub/file", false},
		{"/proc/self/root/proc/self/root%3$s/sub/file", false},
	};
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		snprintf(path, sizeof path, ways[i].format, sub, (int)self, folder);
		const char *end = end_of(places, path, true, &result);
		if (!end || strcmp(end, wanted) != 0 || result != RESULT_FILE)
			fprintf(stderr, "%s: %s, %d\n", path, end ? end : "no hop", (int)result);
		CHECK(end && strcmp(end, wanted) == 0 && result == RESULT_FILE);
		CHECK(places->is_passing && !places->is_lost);
	}
	/* What is no link, what is not followed, and what is nobody's. */
	static const char *const plain[] = {"/proc/self/status", "/proc/self/fd", "/proc/self/fd/99999/x", "/proc/0/root/x", "/proc/mounts",
	                                    "/proc/selfish/root/x", "/proc/self/fd/1x/y", "/proc/self/task/x/root/y", "/proc/sys/kernel"};
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		end_of(places, plain[i], true, &result);
		CHECK(result == RESULT_UNKNOWN && !places->is_passing && !places->is_lost);
	}
	CHECK(!end_of(places, "/proc/self/root", false, &result) && result == RESULT_UNKNOWN);
	CHECK(end_of(places, "/proc/self/exe", true, &result) && result == RESULT_FILE);
	CHECK(unlinkat(at, "root-link", 0) == 0);
}

/* RESOLVE_IN_ROOT: absolute links and `..` end at the folder. */
static void test_places_within(struct places *places, const char *folder, int at)
{
	static struct hops hops;
	char path[PATH_BYTES + 64], wanted[PATH_BYTES + 64];
	CHECK(symlinkat("/sub/file", at, "inner") == 0 && symlinkat("../../../sub", at, "outer") == 0);
	snprintf(wanted, sizeof wanted, "%s/sub/file", folder);
	static const char *const ways[] = {"/inner", "//sub/file", "/../../sub/../sub/file", "/outer/file", "/relative/../inner"};
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		snprintf(path, sizeof path, "%s%s", folder, ways[i]);
		CHECK(places_look_within(places, path, strlen(folder), true, &hops) == RESULT_FILE);
		CHECK(hops.count > 0 && strcmp(hops_end(&hops, path), wanted) == 0);
	}
	CHECK(unlinkat(at, "inner", 0) == 0 && unlinkat(at, "outer", 0) == 0);
}

void test_places(void)
{
	char folder[PATH_BYTES], path[PATH_BYTES + 64];
	if (syscall(SYS_openat2, -1, NULL, NULL, 0) < 0 && errno == ENOSYS) {
		puts("no openat2 here: what a path leads to is not tested");
		return;
	}
	struct places places = {.root = -1};
	static struct hops hops;
	make_temporary_folder(folder);
	CHECK(places_open(&places, getpid()));
	AUTO_CLOSE int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(mkdirat(at, "sub", 0755) == 0 && mknodat(at, "sub/file", S_IFREG | 0644, 0) == 0);
	CHECK(symlinkat("sub", at, "relative") == 0 && symlinkat("relative/file", at, "second") == 0);
	CHECK(symlinkat("nowhere", at, "dangling") == 0 && symlinkat("loop", at, "loop") == 0);
	CHECK(symlinkat("/proc/self", at, "process") == 0 && symlinkat("..", at, "sub/up") == 0);
	static const struct {
		const char *path;
		bool follow;
		enum result result;
		size_t hops;
	} asked[] = {
		{"sub", true, RESULT_FOLDER, 0}, {"sub/file", true, RESULT_FILE, 0}, {"none", true, RESULT_MISSING, 0},
		{"sub/file/x", true, RESULT_MISSING, 0}, {"relative", true, RESULT_FOLDER, 1}, {"relative", false, RESULT_FILE, 0},
		{"relative/", false, RESULT_FOLDER, 1}, {"second", true, RESULT_FILE, 2}, {"dangling", true, RESULT_MISSING, 1},
		{"dangling", false, RESULT_FILE, 0}, {"loop", true, RESULT_MISSING, MOST_HOPS}, {"process/status", true, RESULT_UNKNOWN, 1},
		{"relative/../sub/./file", true, RESULT_FILE, 1}, {"sub/up/sub/up/second", true, RESULT_FILE, 4},
	};
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, asked[i].path);
		enum result result = places_look(&places, path, asked[i].follow, &hops);
		if (result != asked[i].result || hops.count != asked[i].hops)
			fprintf(stderr, "%s: %d, %zu hops\n", path, (int)result, hops.count);
		CHECK(result == asked[i].result && hops.count == asked[i].hops);
	}
	snprintf(path, sizeof path, "%s/second", folder);
	places_look(&places, path, true, &hops);
	snprintf(path, sizeof path, "%s/relative/file", folder);
	CHECK(strcmp(hops.bytes, path) == 0);
	snprintf(path, sizeof path, "%s/sub/file", folder);
	CHECK(strcmp(hops.bytes + strlen(hops.bytes) + 1, path) == 0);
	CHECK(places_look(&places, "/", true, &hops) == RESULT_FOLDER && places_look(&places, "//..//", true, &hops) == RESULT_FOLDER);
	test_proc_links(&places, folder, at);
	test_places_within(&places, folder, at);
	char *big = malloc(ABSOLUTE_BYTES);
	memset(big, '/', ABSOLUTE_BYTES);
	memset(big + 1, 'a', ABSOLUTE_BYTES - 2);
	big[ABSOLUTE_BYTES - 1] = '\0';
	CHECK(places_look(&places, big, true, &hops) == RESULT_MISSING);
	free(big);
	places_close(&places);
	remove_temporary_folder(folder);
}
