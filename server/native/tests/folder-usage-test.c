/* Counts folders, also those that were made to be hard to count. */
#include "base/cleanup.h"
#include "limits/folder-usage.h"
#include "tests/native-test.h"
#include "tests/temporary-folder-test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONG_NAME "a folder with a long name"

static const struct folder_usage no_limit;

/* Goes into the folder `name` of the folder that `at` has open, which is closed. */
static void go(int *at, const char *name)
{
	AUTO_CLOSE int before = *at;
	*at = openat(before, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Folders in folders, far beyond PATH_MAX. */
static void dig(const char *folder, int depth)
{
	AUTO_CLOSE int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < depth && at >= 0; i++) {
		CHECK(mkdirat(at, LONG_NAME, 0700) == 0);
		go(&at, LONG_NAME);
	}
	CHECK(at >= 0);
	AUTO_CLOSE int file = openat(at, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHECK(write(file, "x", 1) == 1);
}

/* Removes them; nftw(3) could not. */
static void fill_up(const char *folder, int depth)
{
	AUTO_CLOSE int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < depth; i++)
		go(&at, LONG_NAME);
	unlinkat(at, "file", 0);
	for (int i = 0; i < depth; i++) {
		go(&at, "..");
		unlinkat(at, LONG_NAME, AT_REMOVEDIR);
	}
}

void test_folder_usage(void)
{
	char folder[PATH_BYTES], path[PATH_BYTES], other[2 * PATH_BYTES], block[65536];
	struct folder_usage usage = {0};
	make_temporary_folder(folder);
	make_folder(folder, "counted", path);
	count_folder(path, &no_limit, &usage);
	CHECK(usage.files == 0 && usage.bytes == 0 && !usage.incomplete);

	memset(block, 'x', sizeof block - 1);
	block[sizeof block - 1] = '\0';
	put_file(path, "file", block);
	snprintf(other, sizeof other, "%s/file", path);
	for (int i = 0; i < 3; i++) {
		char name[2 * PATH_BYTES];
		snprintf(name, sizeof name, "%s/link-%d", path, i);
		CHECK(link(other, name) == 0);
	}
	snprintf(other, sizeof other, "%s/sparse", path);
	put_file(path, "sparse", "");
	CHECK(truncate(other, 1l << 40) == 0);
	snprintf(other, sizeof other, "%s/up", path);
	CHECK(symlink("../..", other) == 0);
	usage = (struct folder_usage){0};
	count_folder(path, &no_limit, &usage);
	/* One file with four names, a sparse one and a link that is not followed. */
	CHECK(usage.files == 6 && usage.bytes >= sizeof block - 1 && usage.bytes < 2 * sizeof block && !usage.incomplete);

	dig(path, 1000);
	usage = (struct folder_usage){0};
	count_folder(path, &no_limit, &usage);
	CHECK(usage.files == 1007 && !usage.incomplete);
	usage = (struct folder_usage){0};
	struct folder_usage most = {.files = 100};
	count_folder(path, &most, &usage);
	CHECK(usage.files > 100 && usage.files < 1007);
	fill_up(path, 1000);

	usage = (struct folder_usage){0};
	count_folder("/nowhere/at/all", &no_limit, &usage);
	CHECK(usage.incomplete && usage.files == 0);
	remove_temporary_folder(folder);
}
