/*
 * Lists the traced system calls. Every machine compiles the numbers of all architectures, so that its tests can compare them with the
 * kernel's headers: asm/unistd_64.h, asm/unistd_32.h and asm-generic/unistd.h (the table of aarch64).
 *
 * An argument of 64 bits takes two positions on i386 and arm. fanotify_mark(2) alone has one before its path, and therefore two lists of
 * positions.
 */
#include "trace/calls.h"

#include <linux/audit.h>

#define X32_BIT 0x40000000
#define NONE NO_ARGUMENT

/* name, x86-64, i386, aarch64, arm, kind, operation, folder, path, folder2, path2, flags */
const struct call calls[] = {
	{"open", 2, 5, -1, 5, CALL_OPEN, OP_OPEN, NONE, 0, NONE, NONE, 1},
	{"openat", 257, 295, 56, 322, CALL_OPEN, OP_OPEN, 0, 1, NONE, NONE, 2},
	{"openat2", 437, 437, 437, 437, CALL_OPENAT2, OP_OPEN, 0, 1, NONE, NONE, 2},
	{"creat", 85, 8, -1, 8, CALL_PATH, OP_WRITE, NONE, 0, NONE, NONE, NONE},
	{"truncate", 76, 92, 45, 92, CALL_PATH, OP_WRITE, NONE, 0, NONE, NONE, NONE},
	{"truncate64", -1, 193, -1, 193, CALL_PATH, OP_WRITE, NONE, 0, NONE, NONE, NONE},
	{"mknod", 133, 14, -1, 14, CALL_PATH, OP_WRITE, NONE, 0, NONE, NONE, NONE},
	{"mknodat", 259, 297, 33, 324, CALL_PATH, OP_WRITE, 0, 1, NONE, NONE, NONE},
	{"stat", 4, 106, -1, 106, CALL_PATH, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"lstat", 6, 107, -1, 107, CALL_LINK, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"oldstat", -1, 18, -1, -1, CALL_PATH, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"oldlstat", -1, 84, -1, -1, CALL_LINK, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"stat64", -1, 195, -1, 195, CALL_PATH, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"lstat64", -1, 196, -1, 196, CALL_LINK, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"newfstatat", 262, 300, 79, 327, CALL_STAT_AT, OP_STAT, 0, 1, NONE, NONE, 3},
	{"statx", 332, 383, 291, 397, CALL_PATH, OP_STAT, 0, 1, NONE, NONE, 2},
	{"access", 21, 33, -1, 33, CALL_PATH, OP_ACCESS, NONE, 0, NONE, NONE, NONE},
	{"faccessat", 269, 307, 48, 334, CALL_PATH, OP_ACCESS, 0, 1, NONE, NONE, NONE},
	{"faccessat2", 439, 439, 439, 439, CALL_PATH, OP_ACCESS, 0, 1, NONE, NONE, 3},
	{"readlink", 89, 85, -1, 85, CALL_LINK, OP_READLINK, NONE, 0, NONE, NONE, 2},
	{"readlinkat", 267, 305, 78, 332, CALL_LINK, OP_READLINK, 0, 1, NONE, NONE, 3},
	{"execve", 59, 11, 221, 11, CALL_EXEC, 0, NONE, 0, NONE, NONE, 1},
	{"execveat", 322, 358, 281, 387, CALL_EXEC, 0, 0, 1, NONE, NONE, 2},
	{"rename", 82, 38, -1, 38, CALL_TWO_PATHS, OP_RENAME, NONE, 0, NONE, 1, NONE},
	{"renameat", 264, 302, 38, 329, CALL_TWO_PATHS, OP_RENAME, 0, 1, 2, 3, NONE},
	{"renameat2", 316, 353, 276, 382, CALL_TWO_PATHS, OP_RENAME, 0, 1, 2, 3, NONE},
	{"link", 86, 9, -1, 9, CALL_TWO_PATHS, OP_LINK, NONE, 0, NONE, 1, NONE},
	{"linkat", 265, 303, 37, 330, CALL_TWO_PATHS, OP_LINK, 0, 1, 2, 3, 4},
	{"symlink", 88, 83, -1, 83, CALL_SYMLINK, OP_SYMLINK, NONE, 1, NONE, 0, NONE},
	{"symlinkat", 266, 304, 36, 331, CALL_SYMLINK, OP_SYMLINK, 1, 2, NONE, 0, NONE},
	{"unlink", 87, 10, -1, 10, CALL_PATH, OP_UNLINK, NONE, 0, NONE, NONE, NONE},
	{"unlinkat", 263, 301, 35, 328, CALL_PATH, OP_UNLINK, 0, 1, NONE, NONE, NONE},
	{"rmdir", 84, 40, -1, 40, CALL_PATH, OP_UNLINK, NONE, 0, NONE, NONE, NONE},
	{"mkdir", 83, 39, -1, 39, CALL_PATH, OP_MKDIR, NONE, 0, NONE, NONE, NONE},
	{"mkdirat", 258, 296, 34, 323, CALL_PATH, OP_MKDIR, 0, 1, NONE, NONE, NONE},
	{"chdir", 80, 12, 49, 12, CALL_PATH, OP_CHDIR, NONE, 0, NONE, NONE, NONE},
	{"statfs", 137, 99, 43, 99, CALL_PATH, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"statfs64", -1, 268, -1, 266, CALL_PATH, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"name_to_handle_at", 303, 341, 264, 370, CALL_LINK, OP_STAT, 0, 1, NONE, NONE, 4},
	{"inotify_add_watch", 254, 292, 27, 317, CALL_PATH, OP_STAT, NONE, 1, NONE, NONE, NONE},
	{"getxattr", 191, 229, 8, 229, CALL_PATH, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"lgetxattr", 192, 230, 9, 230, CALL_LINK, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"listxattr", 194, 232, 11, 232, CALL_PATH, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"llistxattr", 195, 233, 12, 233, CALL_LINK, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"chmod", 90, 15, -1, 15, CALL_PATH, OP_ATTRIBUTES, NONE, 0, NONE, NONE, NONE},
	{"fchmodat", 268, 306, 53, 333, CALL_PATH, OP_ATTRIBUTES, 0, 1, NONE, NONE, NONE},
	{"fchmodat2", 452, 452, 452, 452, CALL_PATH, OP_ATTRIBUTES, 0, 1, NONE, NONE, 3},
	{"chown", 92, 182, -1, 182, CALL_PATH, OP_ATTRIBUTES, NONE, 0, NONE, NONE, NONE},
	{"chown32", -1, 212, -1, 212, CALL_PATH, OP_ATTRIBUTES, NONE, 0, NONE, NONE, NONE},
	{"lchown", 94, 16, -1, 16, CALL_LINK, OP_ATTRIBUTES, NONE, 0, NONE, NONE, NONE},
	{"lchown32", -1, 198, -1, 198, CALL_LINK, OP_ATTRIBUTES, NONE, 0, NONE, NONE, NONE},
	{"fchownat", 260, 298, 54, 325, CALL_PATH, OP_ATTRIBUTES, 0, 1, NONE, NONE, 4},
	{"utime", 132, 30, -1, -1, CALL_PATH, OP_ATTRIBUTES, NONE, 0, NONE, NONE, NONE},
	{"utimes", 235, 271, -1, 269, CALL_PATH, OP_ATTRIBUTES, NONE, 0, NONE, NONE, NONE},
	{"futimesat", 261, 299, -1, 326, CALL_PATH, OP_ATTRIBUTES, 0, 1, NONE, NONE, NONE},
	{"utimensat", 280, 320, 88, 348, CALL_PATH, OP_ATTRIBUTES, 0, 1, NONE, NONE, 3},
	{"utimensat_time64", -1, 412, -1, 412, CALL_PATH, OP_ATTRIBUTES, 0, 1, NONE, NONE, 3},
	{"setxattr", 188, 226, 5, 226, CALL_PATH, OP_ATTRIBUTES, NONE, 0, NONE, NONE, NONE},
	{"lsetxattr", 189, 227, 6, 227, CALL_LINK, OP_ATTRIBUTES, NONE, 0, NONE, NONE, NONE},
	{"removexattr", 197, 235, 14, 235, CALL_PATH, OP_ATTRIBUTES, NONE, 0, NONE, NONE, NONE},
	{"lremovexattr", 198, 236, 15, 236, CALL_LINK, OP_ATTRIBUTES, NONE, 0, NONE, NONE, NONE},
	{"connect", 42, 362, 203, 283, CALL_CONNECT, 0, NONE, 1, NONE, 2, NONE},
	{"sendto", 44, 369, 206, 290, CALL_SENDTO, 0, NONE, 4, NONE, 5, NONE},
	{"sendmsg", 46, 370, 211, 296, CALL_SENDMSG, 0, NONE, 1, NONE, NONE, NONE},
	{"sendmmsg", 307, 345, 269, 374, CALL_SENDMMSG, 0, NONE, 1, NONE, 2, NONE},
	{"socketcall", -1, 102, -1, -1, CALL_SOCKETCALL, 0, NONE, 1, NONE, NONE, 0},
	{"exit", 60, 1, 93, 1, CALL_EXIT, 0, NONE, NONE, NONE, NONE, NONE},
	{"exit_group", 231, 252, 94, 248, CALL_EXIT_GROUP, 0, NONE, NONE, NONE, NONE, NONE},
	{"io_uring_setup", 425, 425, 425, 425, CALL_IO_URING, 0, NONE, NONE, NONE, NONE, NONE},
	{"seccomp", 317, 354, 277, 383, CALL_LISTENER, 0, NONE, NONE, NONE, NONE, 1},
	{"chroot", 161, 61, 51, 61, CALL_NEW_ROOT, 0, NONE, NONE, NONE, NONE, NONE},
	{"pivot_root", 155, 217, 41, 218, CALL_NEW_ROOT, 0, NONE, NONE, NONE, NONE, NONE},
	{"unshare", 272, 310, 97, 337, CALL_NEW_ROOT, 0, NONE, NONE, NONE, NONE, 0},
	{"mount", 165, 21, 40, 21, CALL_NEW_ROOT, 0, NONE, NONE, NONE, NONE, NONE},
	{"move_mount", 429, 429, 429, 429, CALL_NEW_ROOT, 0, NONE, NONE, NONE, NONE, NONE},
	{"fsmount", 432, 432, 432, 432, CALL_NEW_ROOT, 0, NONE, NONE, NONE, NONE, NONE},
	{"open_tree", 428, 428, 428, 428, CALL_NEW_ROOT, 0, NONE, NONE, NONE, NONE, NONE},
	{"setns", 308, 346, 268, 375, CALL_NEW_ROOT, 0, NONE, NONE, NONE, NONE, NONE},
	{"umount", -1, 22, -1, -1, CALL_NEW_ROOT, 0, NONE, NONE, NONE, NONE, NONE},
	{"umount2", 166, 52, 39, 52, CALL_NEW_ROOT, 0, NONE, NONE, NONE, NONE, NONE},
	{"fsopen", 430, 430, 430, 430, CALL_NEW_ROOT, 0, NONE, NONE, NONE, NONE, NONE},
	{"fspick", 433, 433, 433, 433, CALL_NEW_ROOT, 0, NONE, NONE, NONE, NONE, NONE},
	{"mount_setattr", 442, 442, 442, 442, CALL_NEW_ROOT, 0, NONE, NONE, NONE, NONE, NONE},
	{"open_tree_attr", 467, 467, 467, 467, CALL_NEW_ROOT, 0, NONE, NONE, NONE, NONE, NONE},
	{"open_by_handle_at", 304, 342, 265, 371, CALL_UNSEEN, 0, NONE, NONE, NONE, NONE, NONE},
	{"quotactl", 179, 131, 60, 131, CALL_UNSEEN, 0, NONE, NONE, NONE, NONE, NONE},
	{"bpf", 321, 357, 280, 386, CALL_BPF, 0, NONE, NONE, NONE, NONE, 0},
	{"acct", 163, 51, 89, 51, CALL_PATH, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"swapon", 167, 87, 224, 87, CALL_PATH, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"swapoff", 168, 115, 225, 115, CALL_PATH, OP_STAT, NONE, 0, NONE, NONE, NONE},
	{"uselib", 134, 86, -1, 86, CALL_PATH, OP_OPEN, NONE, 0, NONE, NONE, NONE},
	{"fanotify_mark", 301, -1, 263, -1, CALL_PATH, OP_STAT, 3, 4, NONE, NONE, NONE},
	{"fanotify_mark", -1, 339, -1, 368, CALL_PATH, OP_STAT, 4, 5, NONE, NONE, NONE},
	{"setxattrat", 463, 463, 463, 463, CALL_PATH, OP_ATTRIBUTES, 0, 1, NONE, NONE, 2},
	{"getxattrat", 464, 464, 464, 464, CALL_PATH, OP_STAT, 0, 1, NONE, NONE, 2},
	{"listxattrat", 465, 465, 465, 465, CALL_PATH, OP_STAT, 0, 1, NONE, NONE, 2},
	{"removexattrat", 466, 466, 466, 466, CALL_PATH, OP_ATTRIBUTES, 0, 1, NONE, NONE, 2},
	{"file_getattr", 468, 468, 468, 468, CALL_PATH, OP_STAT, 0, 1, NONE, NONE, 4},
	{"file_setattr", 469, 469, 469, 469, CALL_PATH, OP_ATTRIBUTES, 0, 1, NONE, NONE, 4},
	{"bind", 49, 361, 200, 282, CALL_BIND, 0, NONE, 1, NONE, 2, NONE},
	{"kill", 62, 37, 129, 37, CALL_SIGNAL, 0, NONE, 0, NONE, NONE, 1},
	{"tkill", 200, 238, 130, 238, CALL_SIGNAL, 0, NONE, NONE, NONE, NONE, 1},
	{"tgkill", 234, 270, 131, 268, CALL_SIGNAL, 0, NONE, NONE, NONE, NONE, 2},
	{"rt_sigqueueinfo", 129, 178, 138, 178, CALL_SIGNAL, 0, NONE, NONE, NONE, NONE, 1},
	{"rt_tgsigqueueinfo", 297, 335, 240, 363, CALL_SIGNAL, 0, NONE, NONE, NONE, NONE, 2},
	{"pidfd_send_signal", 424, 424, 424, 424, CALL_SIGNAL, 0, NONE, NONE, NONE, NONE, 1},
	{"prctl", 157, 172, 167, 172, CALL_PRCTL, 0, NONE, NONE, NONE, NONE, 0},
	{"setrlimit", 160, 75, 164, 75, CALL_LIMIT, 0, NONE, 1, NONE, NONE, 0},
	{"prlimit64", 302, 340, 261, 369, CALL_LIMIT, 0, NONE, 2, NONE, NONE, 1},
	{"clone", 56, 120, 220, 120, CALL_CLONE, 0, NONE, NONE, NONE, NONE, 0},
};

const size_t call_count = sizeof calls / sizeof *calls;

int call_number(const struct call *call, uint32_t arch, bool x32)
{
	/* execve, execveat, sendmsg, sendmmsg, rt_sigqueueinfo, rt_tgsigqueueinfo (asm/unistd_x32.h). */
	static const struct {
		int16_t shared, x32;
	} own[] = {{59, 520}, {322, 545}, {46, 518}, {307, 538}, {129, 524}, {297, 536}};
	switch (arch) {
	case AUDIT_ARCH_X86_64:
		if (!x32)
			return call->x86_64;
		/* x32 shares the table of x86-64 but for calls whose structures hold pointers. */
		for (size_t i = 0; i < sizeof own / sizeof *own; i++)
			if (call->x86_64 == own[i].shared)
				return X32_BIT | own[i].x32;
		return call->x86_64 < 0 ? -1 : X32_BIT | call->x86_64;
	case AUDIT_ARCH_I386:
		return call->i386;
	case AUDIT_ARCH_AARCH64:
		return call->aarch64;
	case AUDIT_ARCH_ARM:
		return call->arm;
	default:
		return -1;
	}
}

bool knows_architecture(uint32_t arch)
{
	return arch == AUDIT_ARCH_X86_64 || arch == AUDIT_ARCH_I386 || arch == AUDIT_ARCH_AARCH64 || arch == AUDIT_ARCH_ARM;
}

/* No architecture has numbers beyond this. Those of x32 reach furthest. */
#define MOST_NUMBERS 600

const struct call *find_call(uint32_t arch, int number, bool *narrow)
{
	/* Where in `calls` a number stands, plus one. */
	static uint8_t known[5][MOST_NUMBERS];
	static bool is_known[5];
	bool x32 = arch == AUDIT_ARCH_X86_64 && (number & X32_BIT);
	int table = arch == AUDIT_ARCH_X86_64    ? x32
	            : arch == AUDIT_ARCH_I386    ? 2
	            : arch == AUDIT_ARCH_AARCH64 ? 3
	            : arch == AUDIT_ARCH_ARM     ? 4
	                                         : -1;
	*narrow = x32 || table == 2 || table == 4;
	int index = number & ~(x32 ? X32_BIT : 0);
	if (table < 0 || index < 0 || index >= MOST_NUMBERS)
		return NULL;
	for (size_t i = 0; !is_known[table] && i < call_count; i++) {
		int its = call_number(&calls[i], arch, x32) & ~(x32 ? X32_BIT : 0);
		if (its >= 0 && its < MOST_NUMBERS)
			known[table][its] = (uint8_t)(i + 1);
	}
	is_known[table] = true;
	return known[table][index] ? &calls[known[table][index] - 1] : NULL;
}
