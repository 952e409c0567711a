/*
 * Pivots into the input root of a remote action (docs/remote.md). Only some workers do that for an action, others start it in the folder.
 * chroot(2) would not do: the kernel lets nobody behind it make a user namespace (user_namespaces(7)), and a trial makes several.
 */
#include "outer/enter-root.h"

#include "base/identity.h"
#include "outer/namespaces.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const of_the_worker[] = {"proc", "dev", "sys"};
static const struct {
	const char *name, *options;
} empty[] = {{"tmp", "mode=1777"}, {"run", "mode=0755"}};

static bool is_root_already(void)
{
	struct stat here, root;
	return stat(".", &here) == 0 && stat("/", &root) == 0 && here.st_dev == root.st_dev && here.st_ino == root.st_ino;
}

/* Root may lack the right in a container, where it is as good as anybody else. */
static bool enter_own_namespaces(struct failure *failure)
{
	const struct identity self = {.uid = geteuid(), .gid = getegid()};
	if (self.uid == 0) {
		if (enter_namespaces(NULL, failure))
			return true;
		if (failure->error != EPERM || strcmp(failure->step, "mount-namespace") != 0)
			return false;
	}
	return enter_namespaces(&self, failure);
}

static bool make_folder(const char *name)
{
	return mkdir(name, 0755) == 0 || errno == EEXIST;
}

/*
 * Some servers let everybody write into the folders of an input root, which a package manager takes for a system that was broken into. What
 * belongs to another user stays as it is.
 */
static int take_from_others(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	if (type == FTW_D && (st->st_mode & (S_IWGRP | S_IWOTH)))
		chmod(path, st->st_mode & ALLPERMS & ~(mode_t)(S_IWGRP | S_IWOTH));
	return 0;
}

/* Mounts below the working directory what a system has besides files. */
static bool fill(struct failure *failure)
{
	for (size_t i = 0; i < sizeof of_the_worker / sizeof *of_the_worker; i++) {
		const char *name = of_the_worker[i];
		char source[8];
		snprintf(source, sizeof source, "/%s", name);
		if (!make_folder(name) || mount(source, name, NULL, MS_BIND | MS_REC, NULL) != 0)
			return fail(failure, "bind", errno, source);
	}
	for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
		if (!make_folder(empty[i].name) ||
		    mount("tmpfs", empty[i].name, "tmpfs", MS_NOSUID | MS_NODEV, empty[i].options) != 0)
			return fail(failure, "tmpfs", errno, empty[i].name);
	return true;
}

bool enter_root(struct failure *failure)
{
	char root[PATH_BYTES];
	if (is_root_already())
		return true;
	if (!getcwd(root, sizeof root))
		return fail(failure, "working-directory", errno, "");
	if (!enter_own_namespaces(failure))
		return false;
	if (mount(root, root, NULL, MS_BIND | MS_REC, NULL) != 0 || chdir(root) != 0)
		return fail(failure, "bind", errno, root);
	nftw(".", take_from_others, 32, FTW_PHYS | FTW_MOUNT);
	if (!fill(failure))
		return false;
	/* The old root comes to lie on the new one, and goes (pivot_root(2)). */
	if (syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
		return fail(failure, "pivot-root", errno, root);
	return true;
}

int enter_root_main(int argc, char **argv)
{
	struct failure failure;
	if (argc < 2) {
		fputs("usage: ebuild-audit-native enter PROGRAM [ARGUMENT…]\n", stderr);
		return 64;
	}
	if (!enter_root(&failure)) {
		fprintf(stderr, "The input root cannot become the root folder (%s%s%s: %s)\n", failure.step, *failure.detail ? " " : "",
		        failure.detail, strerror(failure.error));
		return 71;
	}
	execv(argv[1], argv + 1);
	fprintf(stderr, "%s cannot be run: %s\n", argv[1], strerror(errno));
	return 71;
}
