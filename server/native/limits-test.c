/* Unit tests of the limits: what is parsed, how folders are counted, and cgroups on a folder that looks like them. */
#include "limits.h"
#include "native-test.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct folder_usage no_limit;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void put(const char *folder, const char *name, const char *text)
{
	char path[PATH_BYTES];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	CHECK(file != NULL);
	if (file) {
		fputs(text, file);
		fclose(file);
	}
}

static bool holds(const char *folder, const char *name, const char *text)
{
	char path[PATH_BYTES], found[256] = "";
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "r");
	if (!file)
		return false;
	size_t n = fread(found, 1, sizeof found - 1, file);
	fclose(file);
	found[n] = '\0';
	return strcmp(found, text) == 0;
}

static void make(const char *folder, const char *name, char out[PATH_BYTES])
{
	snprintf(out, PATH_BYTES, "%.2000s/%.1000s", folder, name);
	CHECK(mkdir(out, 0755) == 0);
}

static void test_values(void)
{
	struct limits limits = {0};
	CHECK(!limits_any(&limits));
	CHECK(limits_parse(&limits, "processes=4096") && limits.most[LIMIT_PROCESSES] == 4096);
	CHECK(limits_parse(&limits, "memory=18446744073709551615") && limits.most[LIMIT_MEMORY] == UINT64_MAX);
	CHECK(limits_parse(&limits, "time=0") && limits.most[LIMIT_TIME] == 0);
	CHECK(limits_any(&limits));
	static const char *const bad[] = {"", "=", "=1", "processes", "processes=", "processes=-1", "processes= 1", "processes=+1",
	                                  "processes=1k", "process=1", "processes1=1", "memory=18446744073709551616", "none=1"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!limits_parse(&limits, bad[i]));
	CHECK(strcmp(limit_name(LIMIT_TIME), "time") == 0);
	CHECK(strcmp(limit_name(LIMIT_NONE), "") == 0 && strcmp(limit_name((enum limit)99), "") == 0);
	CHECK(limit_fence_of(100) == 126 && limit_fence_of(UINT64_MAX) == UINT64_MAX && limit_fence_of(1) > 1);
}

static void test_proc_texts(void)
{
	const char *rollup = "5500-7ffc [rollup]\nRss:   100 kB\nPss_Anon:  12 kB\nPss_Shmem:   8 kB\nSwapPss: 4 kB\n";
	CHECK(parse_kilobytes(rollup, "Pss_Anon") == 12 * 1024 && parse_kilobytes(rollup, "SwapPss") == 4 * 1024);
	CHECK(parse_kilobytes(rollup, "Pss") == 0 && parse_kilobytes("", "Rss") == 0 && parse_kilobytes("Rss", "Rss") == 0);
	const char *segments = "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n"
	                       "         0          0   600               1048576     2     2      0     0     0     0     0 1 1 1 4096 0\n"
	                       "         0          1   600               1048576     2     2      0     0     0     0     0 1 1 1 8192 100\n";
	CHECK(parse_segments(segments) == 4096 + 8192 + 100);
	CHECK(parse_segments("") == 0 && parse_segments("key\n") == 0 && parse_segments("key\n1 2 3\n") == 0);
}

/* Folders in folders, far beyond PATH_MAX; gone when the caller's folder is. */
static void dig(const char *folder, int depth)
{
	int at = open(folder, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < depth && at >= 0; i++) {
		CHECK(mkdirat(at, "a folder with a long name", 0700) == 0);
		int next = openat(at, "a folder with a long name", O_RDONLY | O_DIRECTORY);
		close(at);
		at = next;
	}
	CHECK(at >= 0);
	int file = openat(at, "file", O_WRONLY | O_CREAT, 0600);
	CHECK(write(file, "x", 1) == 1);
	close(file);
	close(at);
}

static void fill_up(const char *folder, int depth)
{
	int at = open(folder, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < depth; i++) {
		int next = openat(at, "a folder with a long name", O_RDONLY | O_DIRECTORY);
		close(at);
		at = next;
	}
	unlinkat(at, "file", 0);
	for (int i = 0; i < depth; i++) {
		int next = openat(at, "..", O_RDONLY | O_DIRECTORY);
		unlinkat(next, "a folder with a long name", AT_REMOVEDIR);
		close(at);
		at = next;
	}
	close(at);
}

static void test_folders(const char *folder)
{
	char path[PATH_BYTES], other[2 * PATH_BYTES], block[65536];
	struct folder_usage usage = {0};
	make(folder, "counted", path);
	count_folder(path, &no_limit, &usage);
	CHECK(usage.files == 0 && usage.bytes == 0 && !usage.incomplete);

	memset(block, 'x', sizeof block - 1);
	block[sizeof block - 1] = '\0';
	put(path, "file", block);
	snprintf(other, sizeof other, "%s/file", path);
	for (int i = 0; i < 3; i++) {
		char name[2 * PATH_BYTES];
		snprintf(name, sizeof name, "%s/link-%d", path, i);
		CHECK(link(other, name) == 0);
	}
	snprintf(other, sizeof other, "%s/sparse", path);
	int sparse = open(other, O_WRONLY | O_CREAT, 0600);
	CHECK(ftruncate(sparse, 1l << 40) == 0);
	close(sparse);
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
}

static void test_locating(void)
{
	char mount[PATH_BYTES], own[PATH_BYTES];
	const char *hybrid = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
	                     "38 31 0:35 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
	                     "41 31 0:38 / /sys/fs/cgroup/uni\\040fied rw,nosuid shared:4 - cgroup2 cgroup2 rw\n";
	CHECK(cgroup_locate(hybrid, "9:name=systemd:/x\n0::/user.slice/a b\n", mount, own));
	CHECK(strcmp(mount, "/sys/fs/cgroup/uni fied") == 0 && strcmp(own, "/user.slice/a b") == 0);
	CHECK(cgroup_locate(hybrid, "0::/\n", mount, own) && strcmp(own, "") == 0);
	/* A mount that shows a part only, as a container has it. */
	const char *part = "41 31 0:38 /docker/1 /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
	CHECK(cgroup_locate(part, "0::/docker/1/leaf\n", mount, own) && strcmp(own, "/leaf") == 0);
	CHECK(cgroup_locate(part, "0::/docker/1\n", mount, own) && strcmp(own, "") == 0);
	CHECK(!cgroup_locate(part, "0::/docker/12\n", mount, own));
	CHECK(!cgroup_locate(part, "0::/elsewhere\n", mount, own));
	CHECK(!cgroup_locate(hybrid, "0::/../../other\n", mount, own));
	CHECK(!cgroup_locate(hybrid, "8:pids:/\n", mount, own));
	CHECK(!cgroup_locate("31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n", "0::/\n", mount, own));
	CHECK(!cgroup_locate("", "", mount, own) && !cgroup_locate("a - cgroup2 \n", "0::/\n", mount, own));
}

/* A tree like that of systemd: only the slice hands controllers on. */
static void test_choosing(const char *folder)
{
	char root[PATH_BYTES], slice[PATH_BYTES], scope[PATH_BYTES], parent[PATH_BYTES];
	make(folder, "choose", root);
	make(root, "app.slice", slice);
	make(slice, "editor.scope", scope);
	const char *const all[] = {root, slice, scope};
	for (size_t i = 0; i < 3; i++) {
		put(all[i], "cgroup.procs", "");
		put(all[i], "cgroup.subtree_control", "");
	}
	CHECK(cgroup_choose(root, "/app.slice/editor.scope", parent) && strcmp(parent, scope) == 0);
	put(slice, "cgroup.subtree_control", "cpu memory pids\n");
	CHECK(cgroup_choose(root, "/app.slice/editor.scope", parent) && strcmp(parent, slice) == 0);
	put(root, "cgroup.subtree_control", "cpuset memory pids\n");
	CHECK(cgroup_choose(root, "/app.slice/editor.scope", parent) && strcmp(parent, slice) == 0);
	put(slice, "cgroup.subtree_control", "memory2 pids\n");
	CHECK(cgroup_choose(root, "/app.slice/editor.scope", parent) && strcmp(parent, root) == 0);
	CHECK(cgroup_choose(root, "", parent) && strcmp(parent, root) == 0);
	CHECK(!cgroup_choose("/nowhere", "/at/all", parent));
}

static void test_one_cgroup(const char *folder)
{
	char parent[PATH_BYTES], path[PATH_BYTES];
	struct limits limits = {.most = {[LIMIT_MEMORY] = 1 << 30, [LIMIT_PROCESSES] = 77}};
	struct cgroup cgroup;
	make(folder, "parent", parent);
	/* Without controllers it is there to be killed. */
	CHECK(cgroup_make(&cgroup, parent, "bare", &limits) && !cgroup.memory && !cgroup.pids);
	CHECK(cgroup_exceeded(&cgroup) == LIMIT_NONE);
	cgroup_remove(&cgroup);
	CHECK(cgroup.path[0] == '\0');
	make(parent, "full", path);
	static const char *const files[] = {"memory.max", "memory.swap.max", "memory.oom.group", "pids.max", "cgroup.kill"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		put(path, files[i], "");
	CHECK(cgroup_make(&cgroup, parent, "full", &limits) && cgroup.memory && cgroup.pids);
	CHECK(holds(path, "memory.max", "1073741824") && holds(path, "memory.swap.max", "0"));
	CHECK(holds(path, "memory.oom.group", "1") && holds(path, "pids.max", "77"));
	put(path, "memory.events", "low 0\nhigh 0\nmax 12\noom 0\noom_kill 0\noom_group_kill 0\n");
	put(path, "pids.events", "max 0\n");
	CHECK(cgroup_exceeded(&cgroup) == LIMIT_NONE);
	put(path, "memory.events", "low 0\nhigh 0\nmax 12\noom 1\noom_kill 3\n");
	CHECK(cgroup_exceeded(&cgroup) == LIMIT_MEMORY);
	put(path, "pids.events", "max 5\n");
	CHECK(cgroup_exceeded(&cgroup) == LIMIT_PROCESSES);
	cgroup_kill(&cgroup);
	CHECK(holds(path, "cgroup.kill", "1"));
	/* No limit is not a limit of 0. */
	struct limits none = {0};
	put(path, "pids.max", "max");
	CHECK(cgroup_make(&cgroup, parent, "full", &none) && !cgroup.memory && !cgroup.pids && holds(path, "pids.max", "max"));
}

void test_limits(void)
{
	char folder[] = "/tmp/ebuild-audit-limits-XXXXXX";
	CHECK(mkdtemp(folder) != NULL);
	test_values();
	test_proc_texts();
	test_folders(folder);
	test_locating();
	test_choosing(folder);
	test_one_cgroup(folder);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
