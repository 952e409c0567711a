/* Tests what every part stands on: the parsing of small texts, and the variables that clean up. */
#include "base/cleanup.h"
#include "base/identity.h"
#include "base/open.h"
#include "base/paths.h"
#include "base/process-stat.h"
#include "base/text-file.h"
#include "tests/native-test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_inner_paths(void)
{
	static const char *const inner[] = {"a", "a/b", "..a/b..", ".a"};
	static const char *const outer[] = {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b"};
	for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
		CHECK(is_inner_path(inner[i]));
	for (size_t i = 0; i < sizeof outer / sizeof *outer; i++)
		CHECK(!is_inner_path(outer[i]));
}

static void test_resolved_dots(void)
{
	static const struct {
		const char *path, *resolved;
	} known[] = {{"/", "/"}, {"//a/./b/", "/a/b"}, {"/a/../b", "/b"}, {"/../../a", "/a"}, {"/a/b/../..", "/"}, {"/a/...", "/a/..."}, {"/a/..b/./.c", "/a/..b/.c"}};
	char out[ABSOLUTE_BYTES];
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		resolve_dots(known[i].path, out);
		CHECK(strcmp(out, known[i].resolved) == 0);
	}
}

static void test_identity(void)
{
	struct identity identity;
	CHECK(parse_identity("65534:65533", &identity) && identity.uid == 65534 && identity.gid == 65533);
	static const char *const bad[] = {"", ":", "1", "1:", ":1", "1:2x", "x:1", "-1:1", "4294967295:1", "99999999999999999999:1"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!parse_identity(bad[i], &identity));
}

static void test_stat(void)
{
	struct process_stat st;
	char text[512];
	snprintf(text, sizeof text, "7 (a) b) (c) S 5 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 9876 1 2 3 1 1 1 1 1 0 0 0 0 0 0 0 17 0 0 0\n");
	CHECK(parse_stat(text, &st) && st.parent == 5 && st.start == 9876 && !st.thread);
	snprintf(text, sizeof text, "7 (x) S 5 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 9876 1 2 3 1 1 1 1 1 0 0 0 0 0 0 0 -1 0 0 0\n");
	CHECK(parse_stat(text, &st) && st.thread);
	static const char *const bad[] = {"", ")", ") ", ") S", ") S ", "1 (x) S x", "1 (x) S 5 7", "no parenthesis"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!parse_stat(bad[i], &st));
}

/* Leaves with an error while it has a descriptor, a folder and memory; `fds` are told what it had open. */
static int leave_with_error(int fds[3])
{
	AUTO_CLOSE int none = -1;
	AUTO_CLOSE int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int kept = open("/dev/null", O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE_FOLDER DIR *folder = open_folder_at(AT_FDCWD, "/");
	AUTO_FREE char *memory = malloc(1);
	CHECK(file >= 0 && kept >= 0 && folder && memory);
	fds[0] = file;
	fds[1] = folder ? dirfd(folder) : -1;
	fds[2] = take_descriptor(&kept);
	CHECK(kept == -1 && none == -1);
	errno = EXDEV;
	return errno;
}

static void test_cleanup(void)
{
	int fds[3];
	struct stat st;
	CHECK(leave_with_error(fds) == EXDEV && errno == EXDEV);
	CHECK(fstat(fds[0], &st) != 0 && errno == EBADF && fstat(fds[1], &st) != 0 && errno == EBADF);
	CHECK(fstat(fds[2], &st) == 0);
	close_descriptor(&fds[2]);
	CHECK(fds[2] == -1);
	/* There is nothing to close any more, and that is no error. */
	errno = 0;
	close_descriptor(&fds[2]);
	CHECK(errno == 0);
}

static void test_text_files(void)
{
	char text[16] = "before", name[] = "/tmp/ebuild-audit-text-XXXXXX";
	AUTO_CLOSE int fd = mkostemp(name, O_CLOEXEC);
	CHECK(fd >= 0 && write_text(name, "some words"));
	CHECK(read_text(AT_FDCWD, name, text, sizeof text) == 10 && strcmp(text, "some words") == 0);
	CHECK(read_text(AT_FDCWD, name, text, 5) == 4 && strcmp(text, "some") == 0);
	unlink(name);
	CHECK(read_text(AT_FDCWD, name, text, sizeof text) == -1 && errno == ENOENT && text[0] == '\0');
	CHECK(!write_text(name, "x") && errno == ENOENT);
	CHECK(read_text(AT_FDCWD, "/", text, sizeof text) == -1 && errno == EISDIR);
}

void test_base(void)
{
	test_inner_paths();
	test_resolved_dots();
	test_identity();
	test_stat();
	test_cleanup();
	test_text_files();
}
