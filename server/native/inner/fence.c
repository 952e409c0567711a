/*
 * Refuses the calls that lead past the namespaces of the sandbox, whether or not the run is traced.
 *
 * Sockets of most families know no network namespace. AF_VSOCK reaches the host of a virtual machine (vsock(7)), and AF_ALG the
 * kernel's own code. A build has a use for some families, which are let through and meet an empty network. For another one the fence
 * answers like a kernel without it.
 */
#include "inner/fence.h"

#include "base/bpf.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	uint32_t arch;
	/* The numbers of socket(2), and of socketcall(2), whose arguments lie in memory where no filter can look. */
	int socket, socketcall;
} architectures[] = {
	{AUDIT_ARCH_X86_64, 41, -1},
	{AUDIT_ARCH_I386, 359, 102},
	{AUDIT_ARCH_AARCH64, 198, -1},
	{AUDIT_ARCH_ARM, 281, -1},
};

static const uint32_t families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

enum { SOCKETCALL_SOCKET = 1, FAMILIES = sizeof families / sizeof *families };

static size_t put_socket(struct sock_filter *out, uint32_t number)
{
	size_t n = 0;
	out[n++] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, FAMILIES + 3);
	out[n++] = LOAD(ARGUMENT(0));
	for (uint8_t i = 0; i < FAMILIES; i++)
		out[n++] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, families[i], (uint8_t)(FAMILIES - i), 0);
	out[n++] = ANSWER(SECCOMP_RET_ERRNO | EAFNOSUPPORT);
	out[n++] = ANSWER(SECCOMP_RET_ALLOW);
	return n;
}

/* C libraries that find no socketcall take the call of its own, which Linux has since 4.3. */
static size_t put_socketcall(struct sock_filter *out, uint32_t number)
{
	size_t n = 0;
	out[n++] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 4);
	out[n++] = LOAD(ARGUMENT(0));
	out[n++] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCKETCALL_SOCKET, 0, 1);
	out[n++] = ANSWER(SECCOMP_RET_ERRNO | ENOSYS);
	out[n++] = ANSWER(SECCOMP_RET_ALLOW);
	return n;
}

size_t build_fence(struct sock_filter *out)
{
	size_t n = 0;
	for (size_t i = 0; i < sizeof architectures / sizeof *architectures; i++) {
		out[n++] = LOAD(offsetof(struct seccomp_data, arch));
		size_t test = n++;
		out[n++] = LOAD(offsetof(struct seccomp_data, nr));
		n += put_socket(out + n, (uint32_t)architectures[i].socket);
		if (architectures[i].arch == AUDIT_ARCH_X86_64)
			n += put_socket(out + n, X32_BIT | (uint32_t)architectures[i].socket);
		if (architectures[i].socketcall >= 0)
			n += put_socketcall(out + n, (uint32_t)architectures[i].socketcall);
		out[n++] = ANSWER(SECCOMP_RET_ALLOW);
		out[test] = JUMP(BPF_JMP | BPF_JEQ | BPF_K, architectures[i].arch, 0, (uint8_t)(n - test - 1));
	}
	out[n++] = ANSWER(SECCOMP_RET_ALLOW);
	return n;
}

bool install_fence(void)
{
	struct sock_filter code[FENCE_LIMIT];
	struct sock_fprog program = {.filter = code, .len = (unsigned short)build_fence(code)};
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}
