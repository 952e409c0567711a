/* Compares the table of calls with this machine's kernel headers. */
#include "tests/native-test.h"
#include "trace/calls.h"

#include <asm/unistd.h>
#include <linux/audit.h>
#include <string.h>

void test_calls(void)
{
	static const struct {
		const char *name;
		int number;
	} here[] = {
#define HERE(name) {#name, __NR_##name}
		HERE(openat), HERE(openat2), HERE(mknodat), HERE(newfstatat), HERE(statx), HERE(faccessat), HERE(faccessat2),
		HERE(readlinkat), HERE(execve), HERE(execveat), HERE(renameat), HERE(renameat2), HERE(linkat), HERE(symlinkat),
		HERE(unlinkat), HERE(mkdirat), HERE(truncate), HERE(exit), HERE(exit_group), HERE(io_uring_setup), HERE(seccomp),
		HERE(chroot), HERE(pivot_root), HERE(unshare), HERE(chdir), HERE(statfs), HERE(getxattr), HERE(fchmodat),
		HERE(bind), HERE(fanotify_mark), HERE(acct), HERE(swapon), HERE(swapoff), HERE(quotactl), HERE(open_by_handle_at),
		HERE(bpf), HERE(umount2), HERE(fsopen), HERE(fspick), HERE(open_tree), HERE(move_mount), HERE(fsmount),
		HERE(utimensat), HERE(connect), HERE(sendto), HERE(sendmsg), HERE(sendmmsg), HERE(mount), HERE(setns),
		HERE(kill), HERE(tkill), HERE(tgkill), HERE(rt_sigqueueinfo), HERE(rt_tgsigqueueinfo), HERE(pidfd_send_signal), HERE(prctl),
		HERE(setrlimit), HERE(prlimit64), HERE(clone),
#ifdef __x86_64__
		HERE(open), HERE(creat), HERE(mknod), HERE(stat), HERE(lstat), HERE(access), HERE(readlink), HERE(rename), HERE(link),
		HERE(symlink), HERE(unlink), HERE(rmdir), HERE(mkdir),
#endif
	};
#ifdef __aarch64__
	const uint32_t arch = AUDIT_ARCH_AARCH64;
#else
	const uint32_t arch = AUDIT_ARCH_X86_64;
#endif
	bool narrow;
	for (size_t i = 0; i < sizeof here / sizeof *here; i++) {
		const struct call *call = find_call(arch, here[i].number, &narrow);
		CHECK(call && strcmp(call->name, here[i].name) == 0);
		CHECK(!narrow);
	}
	CHECK(find_call(arch, -1, &narrow) == NULL);
	CHECK(find_call(arch, INT32_MAX, &narrow) == NULL);
	CHECK(find_call(0, 1, &narrow) == NULL);
	/* x32: the shared numbers with bit 30, and its own execve. */
	const struct call *x32 = find_call(AUDIT_ARCH_X86_64, 0x40000000 | 520, &narrow);
	CHECK(x32 && strcmp(x32->name, "execve") == 0 && narrow);
	CHECK(find_call(AUDIT_ARCH_X86_64, 0x40000000 | 59, &narrow) == NULL);
	x32 = find_call(AUDIT_ARCH_X86_64, 0x40000000 | 518, &narrow);
	CHECK(x32 && strcmp(x32->name, "sendmsg") == 0 && narrow);
	/* No number stands twice in one architecture. */
	for (size_t i = 0; i < call_count; i++)
		for (size_t j = i + 1; j < call_count; j++) {
			CHECK(calls[i].x86_64 < 0 || calls[i].x86_64 != calls[j].x86_64);
			CHECK(calls[i].i386 < 0 || calls[i].i386 != calls[j].i386);
			CHECK(calls[i].aarch64 < 0 || calls[i].aarch64 != calls[j].aarch64);
			CHECK(calls[i].arm < 0 || calls[i].arm != calls[j].arm);
		}
}
