/* Tests cgroups on folders that look like them. */
#include "limits/cgroup-place.h"
#include "limits/cgroup.h"
#include "limits/oom-kills.h"
#include "tests/native-test.h"
#include "tests/temporary-folder-test.h"

#include <string.h>
#include <unistd.h>

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
	/* What is no octal number is no escape. */
	const char *strange = "41 31 0:38 / /a\\\xeb\xeb\xeb rw - cgroup2 cgroup2 rw\n";
	CHECK(cgroup_locate(strange, "0::/\n", mount, own) && strcmp(mount, "/a\\\xeb\xeb\xeb") == 0);
	CHECK(!cgroup_locate("", "", mount, own) && !cgroup_locate("a - cgroup2 \n", "0::/\n", mount, own));
}

/* A tree like that of systemd: only the slice hands controllers on. */
static void test_choosing(const char *folder)
{
	char root[PATH_BYTES], slice[PATH_BYTES], scope[PATH_BYTES], parent[PATH_BYTES];
	make_folder(folder, "choose", root);
	make_folder(root, "app.slice", slice);
	make_folder(slice, "editor.scope", scope);
	const char *const all[] = {root, slice, scope};
	for (size_t i = 0; i < 3; i++) {
		put_file(all[i], "cgroup.procs", "");
		put_file(all[i], "cgroup.subtree_control", "");
	}
	CHECK(cgroup_choose(root, "/app.slice/editor.scope", parent) && strcmp(parent, scope) == 0);
	put_file(slice, "cgroup.subtree_control", "cpu memory pids\n");
	CHECK(cgroup_choose(root, "/app.slice/editor.scope", parent) && strcmp(parent, slice) == 0);
	put_file(root, "cgroup.subtree_control", "cpuset memory pids\n");
	CHECK(cgroup_choose(root, "/app.slice/editor.scope", parent) && strcmp(parent, slice) == 0);
	put_file(slice, "cgroup.subtree_control", "memory2 pids\n");
	CHECK(cgroup_choose(root, "/app.slice/editor.scope", parent) && strcmp(parent, root) == 0);
	CHECK(cgroup_choose(root, "", parent) && strcmp(parent, root) == 0);
	CHECK(!cgroup_choose("/nowhere", "/at/all", parent));
}

/* Kills by the machine or a container, and controllers that vanish. `path` is the cgroup's. */
static void test_kills(struct cgroup *cgroup, const char *folder, const char *path)
{
	struct oom_kills kills;
	struct cgroup none = {0};
	oom_kills_open(&kills);
	CHECK(kills.file[0] == '/' && !oom_kills_happened(&kills, &none));
	snprintf(kills.file, sizeof kills.file, "%.3000s/vmstat", folder);
	kills.before = 3;
	put_file(folder, "vmstat", "nr_free_pages 17\noom_kill 3\nthp_zero_page_alloc 1\n");
	CHECK(!oom_kills_happened(&kills, &none));
	put_file(folder, "vmstat", "nr_free_pages 17\noom_kill 4\nthp_zero_page_alloc 1\n");
	CHECK(oom_kills_happened(&kills, &none));
	/* The cgroup of the run knows better. */
	put_file(path, "memory.events", "oom 0\noom_kill 0\noom_group_kill 0\n");
	CHECK(!oom_kills_happened(&kills, cgroup));
	put_file(path, "memory.events", "oom 0\noom_kill 2\n");
	CHECK(oom_kills_happened(&kills, cgroup));
	cgroup_check(cgroup);
	CHECK(cgroup->memory && cgroup->pids);
	char file[PATH_BYTES];
	snprintf(file, sizeof file, "%.3000s/memory.events", path);
	CHECK(unlink(file) == 0);
	cgroup_check(cgroup);
	CHECK(!cgroup->memory && cgroup->pids && oom_kills_happened(&kills, cgroup));
}

static void test_one_cgroup(const char *folder)
{
	char parent[PATH_BYTES], path[PATH_BYTES];
	struct limits limits = {.most = {[LIMIT_MEMORY] = 1 << 30, [LIMIT_PROCESSES] = 77}};
	struct cgroup cgroup;
	make_folder(folder, "parent", parent);
	/* Without controllers it is there to be killed. */
	CHECK(cgroup_make(&cgroup, parent, "bare", &limits) && !cgroup.memory && !cgroup.pids);
	CHECK(cgroup_exceeded(&cgroup) == LIMIT_NONE);
	cgroup_remove(&cgroup);
	CHECK(cgroup.path[0] == '\0');
	make_folder(parent, "full", path);
	static const char *const files[] = {"memory.max", "memory.swap.max", "memory.oom.group", "pids.max", "cgroup.kill"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		put_file(path, files[i], "");
	CHECK(cgroup_make(&cgroup, parent, "full", &limits) && cgroup.memory && cgroup.pids);
	CHECK(file_holds(path, "memory.max", "1073741824") && file_holds(path, "memory.swap.max", "0"));
	CHECK(file_holds(path, "memory.oom.group", "1") && file_holds(path, "pids.max", "77"));
	put_file(path, "memory.events", "low 0\nhigh 0\nmax 12\noom 0\noom_kill 0\noom_group_kill 0\n");
	put_file(path, "pids.events", "max 0\n");
	CHECK(cgroup_exceeded(&cgroup) == LIMIT_NONE);
	put_file(path, "memory.events", "low 0\nhigh 0\nmax 12\noom 1\noom_kill 3\n");
	CHECK(cgroup_exceeded(&cgroup) == LIMIT_MEMORY);
	put_file(path, "pids.events", "max 5\n");
	CHECK(cgroup_exceeded(&cgroup) == LIMIT_PROCESSES);
	cgroup_kill(&cgroup);
	CHECK(file_holds(path, "cgroup.kill", "1"));
	test_kills(&cgroup, folder, path);
	/* No limit is not a limit of 0. */
	struct limits none = {0};
	put_file(path, "pids.max", "max");
	CHECK(cgroup_make(&cgroup, parent, "full", &none) && !cgroup.memory && !cgroup.pids && file_holds(path, "pids.max", "max"));
}

void test_cgroups(void)
{
	char folder[PATH_BYTES];
	make_temporary_folder(folder);
	test_locating();
	test_choosing(folder);
	test_one_cgroup(folder);
	remove_temporary_folder(folder);
}
