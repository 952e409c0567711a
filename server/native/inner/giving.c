/*
 * Answers the calls that give a file to another user or group as if they had been done, and does nothing.
 *
 * The sandbox has one user, so chown(2) to anybody else fails there with EINVAL. src_install runs as root on a real system, and many
 * ebuilds give files of the image to the user of a daemon (fowners). No later step of a build needs the owner. A call that keeps the
 * file with root is left to the kernel.
 *
 * No filter can look at the path: the call is also answered if there is no such file. chown(1) and install(1) look for it before.
 */
#include "inner/giving.h"

#include "base/bpf.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CALLS = 4, ROOT_ID = 0 };
/* An id that chown(2) is to leave alone. */
#define SAME_ID 0xffffffffu

/* The calls with ids of 32 bits, or 0; `user` is the position of the user's id, and the group's is the next one. */
static const struct {
	uint32_t arch;
	struct {
		uint16_t number, user;
	} calls[CALLS];
} architectures[] = {
	/* chown, fchown, lchown, fchownat */
	{AUDIT_ARCH_X86_64, {{92, 1}, {93, 1}, {94, 1}, {260, 2}}},
	/* lchown32, fchown32, chown32, fchownat */
	{AUDIT_ARCH_I386, {{198, 1}, {207, 1}, {212, 1}, {298, 2}}},
	{AUDIT_ARCH_ARM, {{198, 1}, {207, 1}, {212, 1}, {325, 2}}},
	/* fchownat, fchown */
	{AUDIT_ARCH_AARCH64, {{54, 2}, {55, 1}}},
};

/* Answers the call unless the id is root's or none. */
static size_t put_id(struct sock_filter *out, unsigned position)
{
	size_t n = 0;
	out[n++] = LOAD(ARGUMENT(position));
	out[n++] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, ROOT_ID, 2, 0);
	out[n++] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, SAME_ID, 1, 0);
	out[n++] = ANSWER(SECCOMP_RET_ERRNO | 0);
	return n;
}

/* Another number falls through and stays in the accumulator. */
static size_t put_call(struct sock_filter *out, uint32_t number, unsigned user)
{
	size_t n = 1;
	n += put_id(out + n, user);
	n += put_id(out + n, user + 1);
	out[n++] = ANSWER(SECCOMP_RET_ALLOW);
	out[0] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, (uint8_t)(n - 1));
	return n;
}

size_t build_giving(struct sock_filter *out)
{
	size_t n = 0;
	for (size_t i = 0; i < sizeof architectures / sizeof *architectures; i++) {
		out[n++] = LOAD(offsetof(struct seccomp_data, arch));
		size_t test = n++;
		out[n++] = LOAD(offsetof(struct seccomp_data, nr));
		for (size_t call = 0; call < CALLS && architectures[i].calls[call].number != 0; call++) {
			uint32_t number = architectures[i].calls[call].number;
			unsigned user = architectures[i].calls[call].user;
			n += put_call(out + n, number, user);
			if (architectures[i].arch == AUDIT_ARCH_X86_64)
				n += put_call(out + n, X32_BIT | number, user);
		}
		out[n++] = ANSWER(SECCOMP_RET_ALLOW);
		out[test] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, architectures[i].arch, 0, (uint8_t)(n - test - 1));
	}
	out[n++] = ANSWER(SECCOMP_RET_ALLOW);
	return n;
}

bool install_giving(void)
{
	struct sock_filter code[GIVING_LIMIT];
	struct sock_fprog program = {.filter = code, .len = (unsigned short)build_giving(code)};
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}
