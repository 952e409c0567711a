/*
 * Looks for a file in a way that a tracer may not see: hide WAY FILE. Exits with 0 if the file is there, with 1 if not, and with 64 if
 * there is no such way. `hide list` lists the ways: each name behind `recorded` must leave an access to the file in the trace, and each
 * behind `gap` a gap.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

/* The file, its folder and its name, and the folder above that with the path from there. */
static const char *file, *name, *upper_name;
static char folder[4096], upper[4096];

/* What a call says of the file. Whatever is refused for another reason than absence is there. */
static bool there(long answer)
{
	return answer >= 0 || (errno != ENOENT && errno != ENOTDIR && errno != ENOSYS);
}

static bool opens(const char *path)
{
	return there(open(path, O_RDONLY));
}

static const char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *text(const char *format, ...)
{
	static char out[16384];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(out, sizeof out, format, arguments);
	va_end(arguments);
	return out;
}

/* ---- below /proc ---- */

static bool proc_root(void) { return opens(text("/proc/self/root%s", file)); }
static bool proc_pid_root(void) { return opens(text("/proc/%d/root%s", (int)getpid(), file)); }
static bool proc_task(void) { return opens(text("/proc/self/task/%d/root%s", (int)getpid(), file)); }
static bool proc_thread(void) { return opens(text("/proc/thread-self/root%s", file)); }
static bool proc_up(void) { return opens(text("/usr/../proc/self/fd/../root%s", file)); }
static bool proc_net(void) { return opens(text("/proc/net/../root%s", file)); }
static bool proc_twice(void) { return opens(text("/proc/self/root/proc/self/root%s", file)); }
static bool proc_cwd(void) { return chdir(upper) == 0 && opens(text("/proc/self/cwd/%s", upper_name)); }
static bool proc_fd(void) { return opens(text("/proc/self/fd/%d/%s", open(folder, O_PATH), name)); }
static bool dev_fd(void) { return opens(text("/dev/fd/%d/%s", open(folder, O_PATH), name)); }

static bool proc_child(void)
{
	pid_t child = fork();
	if (child == 0)
		pause();
	bool found = opens(text("/proc/%d/root%s", (int)child, file));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return found;
}

static bool proc_in_proc(void)
{
	int fd = open(folder, O_PATH);
	return chdir("/proc/self/fd") == 0 && opens(text("%d/%s", fd, name));
}

static bool proc_link(void)
{
	unlink("to-root");
	return symlink("/proc/self/root", "to-root") == 0 && opens(text("to-root%s", file));
}

/* The same text for two folders: what was told once need not be told again, but this must. */
static bool proc_fd_again(void)
{
	int fd = open("/usr", O_PATH);
	opens(text("/proc/self/fd/%d/%s", fd, name));
	dup2(open(folder, O_PATH), fd);
	return opens(text("/proc/self/fd/%d/%s", fd, name));
}

/* ---- folders and links ---- */

static bool relative(void) { return chdir(folder) == 0 && opens(name); }
static bool upwards(void) { return chdir(folder) == 0 && opens(text("../%s", upper_name)); }
static bool by_folder(void) { return there(openat(open(folder, O_PATH), name, O_RDONLY)); }

static bool by_openat2(const char *from, const char *path, uint64_t resolve)
{
	struct open_how how = {.flags = O_RDONLY, .resolve = resolve};
	return there(syscall(SYS_openat2, from ? open(from, O_PATH) : AT_FDCWD, path, &how, sizeof how));
}

static bool beneath(void) { return by_openat2(upper, upper_name, RESOLVE_BENEATH); }
static bool in_root(void) { return by_openat2(upper, text("/%s", upper_name), RESOLVE_IN_ROOT); }
static bool in_root_up(void) { return by_openat2(upper, text("/../../%s", upper_name), RESOLVE_IN_ROOT); }
static bool in_root_here(void) { return chdir(upper) == 0 && by_openat2(NULL, text("/%s", upper_name), RESOLVE_IN_ROOT); }
static bool no_links(void) { return by_openat2(NULL, file, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS); }

static bool relinked(void)
{
	unlink("hidden-link");
	if (symlink("/usr", "hidden-link") != 0)
		return false;
	opens("hidden-link");
	unlink("hidden-link");
	return symlink(file, "hidden-link") == 0 && opens("hidden-link");
}

static bool removed_folder(void)
{
	char up[128] = "";
	mkdir("gone", 0755);
	if (chdir("gone") != 0 || rmdir("../gone") != 0)
		return false;
	for (int i = 0; i < 30; i++)
		strcat(up, "../");
	return opens(text("%s%s", up, file + 1));
}

static bool passed(void)
{
	int pair[2];
	char control[CMSG_SPACE(sizeof(int))] = "", byte = 0;
	struct iovec io = {&byte, 1};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return false;
	if (fork() == 0) {
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		*c = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
		*(int *)CMSG_DATA(c) = open(folder, O_PATH);
		_exit(sendmsg(pair[1], &m, 0) != 1);
	}
	if (recvmsg(pair[0], &m, 0) != 1)
		return false;
	return there(openat(*(int *)CMSG_DATA(CMSG_FIRSTHDR(&m)), name, O_RDONLY));
}

/* ---- calls that are no look-ups by name ---- */

static bool reads_by_creating(void) { return open(file, O_RDONLY | O_CREAT, 0644) >= 0; }
static bool writes(void) { return there(open(file, O_RDWR)); }
static bool cuts(void) { return there(truncate(file, 0)); }
static bool changes_mode(void) { return there(chmod(file, 0644)); }
static bool changes_owner(void) { return there(chown(file, 0, 0)); }
static bool changes_time(void) { return there(utime(file, NULL)); }
static bool removes(void) { return there(unlink(file)); }
static bool renames(void) { return there(rename(file, text("%s.new", file))); }
static bool links(void) { return there(link(file, "hidden-hard")); }
static bool makes_folder(void) { return there(mkdir(file, 0755)); }
static bool changes_link(void) { return symlink(file, "hidden-mode") == 0 && there(chmod("hidden-mode", 0644)); }
static bool cuts_link(void) { return symlink(file, "hidden-size") == 0 && there(truncate("hidden-size", 0)); }
static bool links_link(void)
{
	return symlink(file, "hidden-name") == 0 && there(linkat(AT_FDCWD, "hidden-name", AT_FDCWD, "hidden-other", AT_SYMLINK_FOLLOW));
}
static bool watches(void) { return there(inotify_add_watch(inotify_init(), file, IN_ALL_EVENTS)); }
static bool watches_all(void) { return there(syscall(SYS_fanotify_mark, syscall(SYS_fanotify_init, 0x200 /* FAN_REPORT_FID */, 0), 1, 2ull, AT_FDCWD, file)); }
static bool attribute(void) { return there(getxattr(file, "user.x", NULL, 0)); }
static bool attribute_at(void) { uint64_t arguments[2] = {0}; return there(syscall(464, AT_FDCWD, file, 0, "user.x", arguments, sizeof arguments)); }
static bool lists_attributes(void) { return there(listxattr(file, NULL, 0)); }
static bool sets_attribute(void) { return there(setxattr(file, "user.x", "", 0, 0)); }
static bool file_attribute(void) { char out[64]; return there(syscall(468, AT_FDCWD, file, out, sizeof out, 0)); }
static bool file_system(void) { struct statfs fs; return there(statfs(file, &fs)); }
static bool stats(void) { char out[256]; return there(syscall(SYS_statx, open("/", O_PATH), file, AT_EMPTY_PATH, 0, out)); }
static bool stats_at(void) { struct stat st; return there(fstatat(open("/", O_PATH), file, &st, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW)); }
static bool may(void) { return there(syscall(439 /* faccessat2 */, AT_FDCWD, file, 0, AT_SYMLINK_NOFOLLOW)); }
static bool accounts(void) { return there(acct(file)); }
static bool swaps(void) { return there(syscall(SYS_swapon, file, 0)); }
static bool executes(void)
{
	pid_t child = fork();
	if (child == 0) {
		execl(text("/proc/self/root%s", file), name, NULL);
		_exit(there(-1) ? 0 : 1);
	}
	int status;
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static struct sockaddr_un address(void)
{
	struct sockaddr_un out = {.sun_family = AF_UNIX};
	snprintf(out.sun_path, sizeof out.sun_path, "%s", file);
	return out;
}

static bool connects(void)
{
	struct sockaddr_un to = address();
	return there(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&to, sizeof to));
}

static bool binds(void)
{
	struct sockaddr_un to = address();
	return there(bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&to, sizeof to));
}

#ifdef __x86_64__
static bool narrow(void)
{
	char *low = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	long answer;
	strcpy(low, file);
	__asm__ volatile("int $0x80" : "=a"(answer) : "a"(5), "b"(low), "c"(0), "d"(0) : "memory", "r8", "r9", "r10", "r11");
	return answer >= 0;
}
#endif

static bool silent(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return opens(file);
}

/* ---- what can only be a gap ---- */

static bool in_a_user_namespace(int more)
{
	return unshare(CLONE_NEWUSER | more) == 0;
}

/* clone(2) with new namespaces is not traced, because threads are made by it. */
static bool in_cloned_namespaces(bool (*look)(void))
{
	pid_t child = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);
	if (child == 0)
		_exit(look() ? 0 : 1);
	int status;
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool bound(void)
{
	mkdir("bound", 0755);
	return mount(upper, "bound", NULL, MS_BIND | MS_REC, NULL) == 0 && opens(text("bound/%s", upper_name));
}

static bool namespace(void) { return in_a_user_namespace(CLONE_NEWNS) && bound(); }
static bool cloned(void) { return in_cloned_namespaces(bound); }
static bool chrooted(void) { return in_a_user_namespace(0) && chroot(upper) == 0 && opens(text("/%s", upper_name)); }
static bool tree(void) { return in_a_user_namespace(CLONE_NEWNS) && there(openat((int)syscall(428, AT_FDCWD, upper, 0x8001), upper_name, O_RDONLY)); }
static bool layers_asked(void)
{
	int fs = (int)syscall(430 /* fsopen */, "overlay", 0);
	return fs >= 0 && there(syscall(431 /* fsconfig */, fs, 1 /* FSCONFIG_SET_STRING */, "lowerdir", file, 0));
}
static bool layers(void) { return in_cloned_namespaces(layers_asked); }
static bool picks(void) { return there(syscall(433 /* fspick */, AT_FDCWD, file, 0)); }
static bool unmounts(void) { return there(umount2(file, 0)); }
static bool sets_mount(void) { char attributes[32] = ""; return there(syscall(442, AT_FDCWD, file, 0, attributes, sizeof attributes)); }
static bool quota(void) { return there(syscall(SYS_quotactl, 0x80000700, file, 0, NULL)); }
static bool bpf_object(void)
{
	uint64_t attributes[8] = {(uintptr_t)file};
	return there(syscall(SYS_bpf, 7 /* BPF_OBJ_GET */, attributes, sizeof attributes));
}

static bool by_handle(void)
{
	struct {
		struct file_handle head;
		char bytes[128];
	} handle = {.head.handle_bytes = 128};
	int mount;
	if (name_to_handle_at(AT_FDCWD, folder, &handle.head, &mount, 0) != 0)
		handle.head = (struct file_handle){.handle_bytes = 8, .handle_type = 1};
	return there(open_by_handle_at(open(folder, O_PATH), &handle.head, O_RDONLY));
}

/* A folder whose path is longer than any path may be. */
static bool deep(void)
{
	char level[200];
	memset(level, 'd', 199);
	level[199] = '\0';
	for (int i = 0; i < 25; i++)
		if ((mkdir(level, 0755) != 0 && errno != EEXIST) || chdir(level) != 0)
			return false;
	unlink("l");
	return symlink(folder, "l") == 0 && opens(text("l/%s", name));
}

static bool write_only(void)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	strcpy(page, file);
	mprotect(page, 4096, PROT_WRITE);
	return opens(page);
}

static bool secret(void)
{
	int fd = (int)syscall(447 /* memfd_secret */, 0);
	if (fd < 0 || ftruncate(fd, 4096) != 0)
		return write_only();
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return write_only();
	strcpy(page, file);
	return opens(page);
}

static bool second_message(void)
{
	struct sockaddr_un first = address(), second = address();
	struct iovec io = {"x", 1};
	struct mmsghdr m[2] = {{.msg_hdr = {.msg_name = &first, .msg_namelen = sizeof first, .msg_iov = &io, .msg_iovlen = 1}},
	                       {.msg_hdr = {.msg_name = &second, .msg_namelen = sizeof second, .msg_iov = &io, .msg_iovlen = 1}}};
	strcpy(first.sun_path, "/nowhere");
	return there(sendmmsg(socket(AF_UNIX, SOCK_DGRAM, 0), m, 2, 0));
}

static bool newer(void) { return there(syscall(1000, AT_FDCWD, file, 0)); }
static bool ring(void) { return there(syscall(SYS_io_uring_setup, 8, NULL)); }

static const struct way {
	const char *name, *leaves;
	bool (*look)(void);
} ways[] = {
#define RECORDED(way) {#way, "recorded", way}
#define GAP(way) {#way, "gap", way}
	RECORDED(proc_root), RECORDED(proc_pid_root), RECORDED(proc_task), RECORDED(proc_thread), RECORDED(proc_up), RECORDED(proc_net),
	RECORDED(proc_twice), RECORDED(proc_cwd), RECORDED(proc_fd), RECORDED(dev_fd), RECORDED(proc_child), RECORDED(proc_in_proc),
	RECORDED(proc_link), RECORDED(proc_fd_again), RECORDED(relative), RECORDED(upwards), RECORDED(by_folder), RECORDED(beneath),
	RECORDED(in_root), RECORDED(in_root_up), RECORDED(in_root_here), RECORDED(no_links), RECORDED(relinked), RECORDED(removed_folder),
	RECORDED(passed), RECORDED(reads_by_creating), RECORDED(writes), RECORDED(cuts), RECORDED(changes_mode), RECORDED(changes_owner),
	RECORDED(changes_time), RECORDED(removes), RECORDED(renames), RECORDED(links), RECORDED(makes_folder), RECORDED(changes_link),
	RECORDED(cuts_link), RECORDED(links_link),
	RECORDED(watches), RECORDED(watches_all), RECORDED(attribute), RECORDED(attribute_at), RECORDED(lists_attributes),
	RECORDED(sets_attribute), RECORDED(file_attribute), RECORDED(file_system), RECORDED(stats), RECORDED(stats_at), RECORDED(may),
	RECORDED(accounts), RECORDED(swaps), RECORDED(executes), RECORDED(connects), RECORDED(binds), RECORDED(silent),
#ifdef __x86_64__
	RECORDED(narrow),
#endif
	GAP(namespace), GAP(cloned), GAP(chrooted), GAP(tree), GAP(layers), GAP(picks), GAP(unmounts), GAP(sets_mount), GAP(quota),
	GAP(bpf_object), GAP(by_handle), GAP(deep), GAP(write_only), GAP(secret), GAP(second_message), GAP(newer), GAP(ring),
};

int main(int count, char **words)
{
	for (size_t i = 0; count == 2 && strcmp(words[1], "list") == 0 && i < sizeof ways / sizeof *ways; i++)
		printf("%s %s\n", ways[i].name, ways[i].leaves);
	if (count != 3)
		return count == 2 ? 0 : 64;
	file = words[2];
	name = strrchr(file, '/') + 1;
	snprintf(folder, sizeof folder, "%.*s", (int)(name - 1 - file), file);
	snprintf(upper, sizeof upper, "%.*s", (int)(strrchr(folder, '/') - folder), folder);
	upper_name = file + strlen(upper) + 1;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		if (strcmp(words[1], ways[i].name) == 0)
			return ways[i].look() ? 0 : 1;
	return 64;
}
