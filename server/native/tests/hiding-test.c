/* Tests the layer that hides, and the mount points in it. */
#include "base/cleanup.h"
#include "tests/native-test.h"
#include "tests/temporary-folder-test.h"
#include "view/hidden-paths.h"
#include "view/mount-points.h"
#include "view/source-folder.h"
#include "view/whiteout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A layer and a source in a temporary folder; whiteouts need neither mounts nor root (Linux 5.8). */
struct fixture {
	char folder[PATH_BYTES], source[PATH_BYTES + 16];
	struct failure failure;
	struct view view;
};

static void open_fixture(struct fixture *f)
{
	char path[PATH_BYTES + 64];
	memset(f, 0, sizeof *f);
	make_temporary_folder(f->folder);
	snprintf(f->source, sizeof f->source, "%s/source", f->folder);
	static const char *const folders[] = {"source", "layer", "layer/0", "layer/whiteout", "source/a", "source/a/b", "source/c"};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s/%s", f->folder, folders[i]);
		CHECK(mkdir(path, 0750) == 0);
	}
	snprintf(path, sizeof path, "%s/source/link", f->folder);
	CHECK(symlink("a/b", path) == 0);
	snprintf(path, sizeof path, "%s/layer/0", f->folder);
	f->view = (struct view){.staging = f->folder, .failure = &f->failure, .source = f->source};
	CHECK(open_source(&f->view, f->source));
	f->view.layer_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(f->view.layer_fd >= 0);
}

static void close_fixture(struct fixture *f)
{
	close_sources(&f->view);
	close_descriptor(&f->view.layer_fd);
	remove_temporary_folder(f->folder);
}

static bool hide_all(struct fixture *f, const char *records, size_t length)
{
	struct plan plan = {.bytes = (char *)records, .length = length};
	size_t offset = 0;
	const char *first = plan_next(&plan, &offset);
	bool done = hide_paths(&f->view, first + 1, &plan, &offset);
	CHECK(!done || strcmp(records + offset, "x") == 0);
	return done;
}

static void test_whiteouts(void)
{
	struct fixture f;
	struct stat st;
	open_fixture(&f);
	/* A folder after what lies in it, one that the source does not have, and one through a link. */
	static const char records[] = "ha/b/one\0ha/b/two\0ha/.three\0hc/four\0hc\0hnone/five\0hlink/six\0hlink/seven\0hlink\0x";
	CHECK(hide_all(&f, records, sizeof records));
	int layer = f.view.layer_fd;
	static const char *const hidden[] = {"a/b/one", "a/b/two", "a/.three", "c", "a/b/six", "a/b/seven", "link"};
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		CHECK(is_whiteout(layer, hidden[i]));
	CHECK(!is_folder(layer, "none") && is_folder(layer, "a/b"));
	CHECK(fstatat(layer, "a", &st, 0) == 0 && (st.st_mode & 07777) == 0750);
	/* Something is mounted in what is hidden: all else there stays hidden. */
	CHECK(make_mount_point(&f.view, "c/place", "") && is_folder(layer, "c/place") && !is_whiteout(layer, "c"));
	CHECK(make_mount_point(&f.view, "a/b/one", "/proc/self/stat") && !is_whiteout(layer, "a/b/one"));
	CHECK(make_mount_point(&f.view, "link/new", "") && is_folder(layer, "a/b/new"));
	CHECK(!make_mount_point(&f.view, "c/place", "/no/such/file") && strcmp(f.failure.step, "bind") == 0);
	CHECK(!make_mount_point(&f.view, "../c", "") && f.failure.error == EINVAL);
	close_fixture(&f);
}

static void test_many_whiteouts(void)
{
	enum { COUNT = 30000 };
	struct fixture f;
	char name[64];
	open_fixture(&f);
	char *records = malloc(COUNT * 24);
	size_t length = 0;
	for (int i = 0; i < COUNT; i++)
		length += (size_t)sprintf(records + length, "ha/%s%d", i % 3 ? "b/" : "", i) + 1;
	memcpy(records + length, "x", 2);
	CHECK(hide_all(&f, records, length + 2));
	for (int i = 0; i < COUNT; i += 37) {
		snprintf(name, sizeof name, "a/%s%d", i % 3 ? "b/" : "", i);
		CHECK(is_whiteout(f.view.layer_fd, name));
	}
	/* Two more overlays in which a folder is hidden after what lies in it. */
	memcpy(records + length, "ha/b\0x", 7);
	for (unsigned overlay = 1; overlay <= 2; overlay++) {
		char path[PATH_BYTES + 64];
		snprintf(path, sizeof path, "%s/layer/%u", f.folder, overlay);
		close_descriptor(&f.view.layer_fd);
		CHECK(mkdir(path, 0755) == 0);
		f.view.layer_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		f.view.overlays = overlay;
		CHECK(hide_all(&f, records, length + 7));
		CHECK(is_whiteout(f.view.layer_fd, "a/b") && is_whiteout(f.view.layer_fd, "a/0"));
	}
	free(records);
	close_fixture(&f);
}

static void test_refused_paths(void)
{
	static const char *const bad[] = {"h", "h/a", "ha/../b", "ha//b", "ha/", "h.", "ha/.."};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char records[64];
		struct fixture f;
		open_fixture(&f);
		/* After a good path of the same folder. */
		size_t length = (size_t)snprintf(records, sizeof records, "ha/x%c%s%cx", '\0', bad[i], '\0') + 1;
		CHECK(!hide_all(&f, records, length));
		CHECK(strcmp(f.failure.step, "view") == 0 && f.failure.error == EINVAL && strcmp(f.failure.detail, bad[i] + 1) == 0);
		close_fixture(&f);
	}
}

void test_hiding(void)
{
	test_whiteouts();
	test_many_whiteouts();
	test_refused_paths();
}
