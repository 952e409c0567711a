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
	CHECK(places_look(&places, "/proc/self/exe", true, &hops) == RESULT_UNKNOWN);
	CHECK(places_look(&places, "/", true, &hops) == RESULT_FOLDER && places_look(&places, "//..//", true, &hops) == RESULT_FOLDER);
	char *big = malloc(ABSOLUTE_BYTES);
	memset(big, '/', ABSOLUTE_BYTES);
	memset(big + 1, 'a', ABSOLUTE_BYTES - 2);
	big[ABSOLUTE_BYTES - 1] = '\0';
	CHECK(places_look(&places, big, true, &hops) == RESULT_MISSING);
	free(big);
	places_close(&places);
	remove_temporary_folder(folder);
}
