/* Enters folders as their root, as a worker's first program does; each time in a child, which cannot come back. */
#include "outer/enter-root.h"
#include "tests/native-test.h"
#include "tests/temporary-folder-test.h"

#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The kernel's overflow user. */
#define NOBODY 65534

static bool is_there(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

/* A process that has changed its user owns its files in /proc again only if it may be dumped (proc(5)); after exec it may. */
static bool become(uid_t uid)
{
	return setgroups(0, NULL) == 0 && setgid(uid) == 0 && setuid(uid) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0;
}

/* What holds in the entered root. */
static void check_entered(uid_t uid)
{
	char working_directory[PATH_BYTES];
	CHECK(getcwd(working_directory, sizeof working_directory) && strcmp(working_directory, "/") == 0);
	CHECK(file_holds("/", "marker", "input"));
	CHECK(!is_there("/usr") && !is_there("/etc"));
	CHECK(is_there("/proc/self/status") && is_there("/dev/null"));
	struct stat open_to_all;
	CHECK(stat("/open/to-all", &open_to_all) == 0 && (open_to_all.st_mode & ALLPERMS) == 0755);
	CHECK(!is_there("/tmp/of-the-action"));
	put_file("/tmp", "own", "x");
	CHECK(file_holds("/tmp", "own", "x"));
	CHECK(getuid() == uid && geteuid() == uid);
	/* A trial makes namespaces of its own. */
	CHECK(uid == 0 ? unshare(CLONE_NEWNS) == 0 : unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0);
}

static void enter(const char *folder, uid_t uid)
{
	struct failure failure;
	if (chdir(folder) != 0 || (uid != geteuid() && !become(uid))) {
		CHECK(false);
		return;
	}
	if (!enter_root(&failure)) {
		fprintf(stderr, "%s %s: %s\n", failure.step, failure.detail, strerror(failure.error));
		CHECK(false);
		return;
	}
	check_entered(uid);
	/* Once more: nothing happens. */
	char before[64] = "", after[64] = "";
	CHECK(readlink("/proc/self/ns/mnt", before, sizeof before - 1) > 0 && enter_root(&failure));
	CHECK(readlink("/proc/self/ns/mnt", after, sizeof after - 1) > 0 && strcmp(before, after) == 0);
}

/* Behind chroot(2) nobody may make a user namespace. */
static void enter_behind_chroot(const char *folder)
{
	struct failure failure;
	CHECK(chdir("/tmp") == 0 && chroot(".") == 0 && chdir(last_component(folder)) == 0);
	CHECK(become(NOBODY));
	CHECK(!enter_root(&failure) && strcmp(failure.step, "user-namespace") == 0 && failure.error == EPERM);
}

static void use_wrongly(void)
{
	char *none[] = {"enter", NULL};
	CHECK(enter_root_main(1, none) == 64);
	char *missing[] = {"enter", "/nowhere/at/all", NULL};
	CHECK(chdir("/") == 0 && enter_root_main(2, missing) == 71);
}

/* Runs a check in a child, whose failures count here. */
#define IN_CHILD(call) \
	do { \
		fflush(NULL); \
		pid_t child = fork(); \
		if (child == 0) { \
			failures = 0; \
			call; \
			_exit(failures != 0); \
		} \
		int status = -1; \
		CHECK(waitpid(child, &status, 0) == child && status == 0); \
	} while (0)

static bool may_make_user_namespaces(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(unshare(CLONE_NEWUSER) != 0);
	int status = -1;
	return waitpid(child, &status, 0) == child && status == 0;
}

void test_entering(void)
{
	char folder[PATH_BYTES], tmp[PATH_BYTES], parent[PATH_BYTES], open_to_all[PATH_BYTES];
	if (!may_make_user_namespaces()) {
		puts("no user namespaces here: entering a root is not tested");
		return;
	}
	make_temporary_folder(folder);
	put_file(folder, "marker", "input");
	make_folder(folder, "tmp", tmp);
	put_file(tmp, "of-the-action", "");
	make_folder(folder, "open", parent);
	make_folder(parent, "to-all", open_to_all);
	CHECK(chmod(open_to_all, 0777) == 0);
	IN_CHILD(enter(folder, geteuid()));
	if (geteuid() == 0) {
		CHECK(chown(folder, NOBODY, NOBODY) == 0 && chown(open_to_all, NOBODY, NOBODY) == 0);
		CHECK(chmod(open_to_all, 0777) == 0);
		IN_CHILD(enter(folder, NOBODY));
		IN_CHILD(enter_behind_chroot(folder));
	}
	IN_CHILD(use_wrongly());
	/* The mounts were the children's alone. */
	CHECK(file_holds(tmp, "of-the-action", "") && !is_there("/marker"));
	remove_temporary_folder(folder);
}
