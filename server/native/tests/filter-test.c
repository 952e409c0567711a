/* Runs the three seccomp programs, the filter, the fence and the one that pretends, in a small interpreter of their language. */
#include "base/report-ring.h"
#include "inner/fence.h"
#include "inner/giving.h"
#include "tests/native-test.h"
#include "trace/calls.h"
#include "trace/deaths.h"
#include "trace/filter.h"

#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define BPF_NUMBER(arch) ((arch) == AUDIT_ARCH_X86_64 ? 321 : (arch) == AUDIT_ARCH_I386 ? 357 : (arch) == AUDIT_ARCH_AARCH64 ? 280 : 386)

static uint32_t interpret(const struct sock_filter *code, size_t length, const struct seccomp_data *data)
{
	uint32_t a = 0;
	for (size_t pc = 0; pc < length; pc++) {
		const struct sock_filter *i = &code[pc];
		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k > sizeof *data - 4)
				return 1;
			memcpy(&a, (const char *)data + i->k, 4);
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += a > i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += a & i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			return 2;
		}
	}
	return 3;
}

void test_filter(void)
{
	static struct sock_filter code[FILTER_LIMIT];
	size_t length = build_filter(code, 77);
	CHECK(length < FILTER_LIMIT);
#ifdef __aarch64__
	static const uint32_t arches[] = {AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM};
#else
	static const uint32_t arches[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386};
#endif
	for (size_t n = 0; n < 2; n++)
		for (int x32 = 0; x32 < (arches[n] == AUDIT_ARCH_X86_64 ? 2 : 1); x32++)
			for (int number = 0; number < 600; number++) {
				/* Every argument bit set: neither AT_EMPTY_PATH with a descriptor nor a missing flag lets the call pass. */
				struct seccomp_data data = {.nr = number | (x32 ? 0x40000000 : 0), .arch = arches[n]};
				memset(data.args, 0xff, sizeof data.args);
				bool narrow;
				const struct call *call = find_call(data.arch, data.nr, &narrow);
				bool traced = call != NULL;
				/* These stop for some values of one argument. */
				if (call && (call->kind == CALL_SIGNAL || call->kind == CALL_PRCTL || call->kind == CALL_LIMIT))
					data.args[call->flags] = call->kind == CALL_SIGNAL ? SIGKILL : call->kind == CALL_PRCTL ? PR_SET_PDEATHSIG : RLIMIT_CPU;
				/* The one call with a list of what is traced: each of them stops. */
				if (arches[n] == AUDIT_ARCH_I386 && number == 102)
					data.args[0] = SOCKETCALL_SENDTO;
				if (number == BPF_NUMBER(arches[n]))
					data.args[0] = BPF_OBJ_GET;
				bool newer = number > NEWEST_CALL && !(x32 && number >= FIRST_X32_CALL && number <= LAST_X32_CALL);
				CHECK(interpret(code, length, &data) == (traced || newer ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW));
			}
	CHECK(interpret(code, length, &(struct seccomp_data){.arch = 0x1234}) == SECCOMP_RET_USER_NOTIF);
	/* The private calls of arm, and what is no call at all. */
	CHECK(interpret(code, length, &(struct seccomp_data){.arch = arches[1], .nr = 0xf0002}) == SECCOMP_RET_ALLOW);
	CHECK(interpret(code, length, &(struct seccomp_data){.arch = arches[0], .nr = -1}) == SECCOMP_RET_ALLOW);
#ifdef __x86_64__
	struct seccomp_data stat = {.nr = __NR_newfstatat, .arch = AUDIT_ARCH_X86_64, .args = {5, 0, 0, AT_EMPTY_PATH}};
	CHECK(interpret(code, length, &stat) == SECCOMP_RET_ALLOW);
	stat.args[0] = (uint32_t)AT_FDCWD;
	CHECK(interpret(code, length, &stat) == SECCOMP_RET_USER_NOTIF);
	stat.args[0] = 5;
	stat.args[3] = AT_SYMLINK_NOFOLLOW;
	CHECK(interpret(code, length, &stat) == SECCOMP_RET_USER_NOTIF);
	/* With another flag it is not the fstat of libc, and the path may say something. */
	stat.args[3] = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW;
	CHECK(interpret(code, length, &stat) == SECCOMP_RET_USER_NOTIF);
	/* The reporter's own call, from its page alone and not from programs of 32 bits. */
	struct seccomp_data reported = {.nr = __NR_openat2, .arch = AUDIT_ARCH_X86_64, .instruction_pointer = REPORTER_CALL};
	CHECK(interpret(code, length, &reported) == SECCOMP_RET_ALLOW);
	reported.nr = __NR_openat;
	CHECK(interpret(code, length, &reported) == SECCOMP_RET_USER_NOTIF);
	reported.nr = __NR_openat2 | 0x40000000;
	CHECK(interpret(code, length, &reported) == SECCOMP_RET_USER_NOTIF);
	reported.nr = __NR_openat2;
	reported.arch = AUDIT_ARCH_I386;
	CHECK(interpret(code, length, &reported) == SECCOMP_RET_USER_NOTIF);
	reported.arch = AUDIT_ARCH_X86_64;
	reported.instruction_pointer = REPORTER_CALL + 1;
	CHECK(interpret(code, length, &reported) == SECCOMP_RET_USER_NOTIF);
	reported.instruction_pointer = (uint32_t)REPORTER_CALL;
	CHECK(interpret(code, length, &reported) == SECCOMP_RET_USER_NOTIF);
	struct seccomp_data statx = {.nr = __NR_statx, .arch = AUDIT_ARCH_X86_64, .args = {5, 0, AT_EMPTY_PATH}};
	CHECK(interpret(code, length, &statx) == SECCOMP_RET_USER_NOTIF);
	struct seccomp_data bpf = {.nr = __NR_bpf, .arch = AUDIT_ARCH_X86_64, .args = {BPF_MAP_CREATE}};
	CHECK(interpret(code, length, &bpf) == SECCOMP_RET_ALLOW);
	bpf.args[0] = BPF_OBJ_PIN;
	CHECK(interpret(code, length, &bpf) == SECCOMP_RET_USER_NOTIF);
	struct seccomp_data link = {.nr = __NR_readlink, .arch = AUDIT_ARCH_X86_64, .args = {0, 0, 1023}};
	CHECK(interpret(code, length, &link) == SECCOMP_RET_ALLOW);
	link.args[2] = 4095;
	CHECK(interpret(code, length, &link) == SECCOMP_RET_USER_NOTIF);
	struct seccomp_data own = {.nr = __NR_seccomp, .arch = AUDIT_ARCH_X86_64, .args = {SECCOMP_SET_MODE_FILTER, 0}};
	CHECK(interpret(code, length, &own) == SECCOMP_RET_ALLOW);
	/* What a Go program sends to itself all the time is let through, and so is a thread that is no new namespace. */
	for (int signal = 0; signal < SIGNAL_NUMBERS; signal++) {
		struct seccomp_data kill = {.nr = __NR_tgkill, .arch = AUDIT_ARCH_X86_64, .args = {5, 5, (uint64_t)signal}};
		bool is_told = signal == SIGKILL || signal == SIGTERM || signal == SIGUSR1 || signal == SIGUSR2;
		CHECK(interpret(code, length, &kill) == (is_told ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW));
	}
	struct seccomp_data clone = {.nr = __NR_clone, .arch = AUDIT_ARCH_X86_64, .args = {CLONE_VM | CLONE_THREAD}};
	CHECK(interpret(code, length, &clone) == SECCOMP_RET_ALLOW);
	clone.args[0] = CLONE_NEWPID | SIGCHLD;
	CHECK(interpret(code, length, &clone) == SECCOMP_RET_USER_NOTIF);
	struct seccomp_data send = {.nr = __NR_sendto, .arch = AUDIT_ARCH_X86_64};
	CHECK(interpret(code, length, &send) == SECCOMP_RET_ALLOW);
	send.args[4] = 1ull << 32;
	CHECK(interpret(code, length, &send) == SECCOMP_RET_USER_NOTIF);
	send.args[4] = 16;
	CHECK(interpret(code, length, &send) == SECCOMP_RET_USER_NOTIF);
	/* The stage's own message has the secret in the half that the kernel does not read. */
	struct seccomp_data message = {.nr = __NR_sendmsg, .arch = AUDIT_ARCH_X86_64, .args = {7, 16, 77ull << 32}};
	CHECK(interpret(code, length, &message) == SECCOMP_RET_ALLOW);
	message.args[2] = 77;
	CHECK(interpret(code, length, &message) == SECCOMP_RET_USER_NOTIF);
	struct seccomp_data socketcall = {.nr = 102, .arch = AUDIT_ARCH_I386, .args = {SOCKETCALL_CONNECT}};
	CHECK(interpret(code, length, &socketcall) == SECCOMP_RET_USER_NOTIF);
	socketcall.args[0] = SOCKETCALL_BIND;
	CHECK(interpret(code, length, &socketcall) == SECCOMP_RET_USER_NOTIF);
	socketcall.args[0] = 1;
	CHECK(interpret(code, length, &socketcall) == SECCOMP_RET_ALLOW);
#endif
}

void test_fence(void)
{
	static struct sock_filter code[FENCE_LIMIT];
	size_t length = build_fence(code);
	CHECK(length < FENCE_LIMIT);
	static const struct {
		uint32_t arch;
		int number;
	} calls[] = {{AUDIT_ARCH_X86_64, 41}, {AUDIT_ARCH_X86_64, 0x40000000 | 41}, {AUDIT_ARCH_I386, 359}, {AUDIT_ARCH_AARCH64, 198}, {AUDIT_ARCH_ARM, 281}};
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		for (uint32_t family = 0; family < 64; family++) {
			struct seccomp_data data = {.nr = calls[i].number, .arch = calls[i].arch, .args = {family}};
			bool is_let_through = family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK;
			CHECK(interpret(code, length, &data) == (is_let_through ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EAFNOSUPPORT));
			data.nr++;
			CHECK(interpret(code, length, &data) == SECCOMP_RET_ALLOW);
		}
	for (uint32_t call = 0; call < 21; call++) {
		struct seccomp_data data = {.nr = 102, .arch = AUDIT_ARCH_I386, .args = {call}};
		CHECK(interpret(code, length, &data) == (call == 1 ? SECCOMP_RET_ERRNO | ENOSYS : SECCOMP_RET_ALLOW));
	}
}

void test_giving(void)
{
	static struct sock_filter code[GIVING_LIMIT];
	size_t length = build_giving(code);
	CHECK(length < GIVING_LIMIT);
	static const struct {
		uint32_t arch;
		int number, user;
	} calls[] = {{AUDIT_ARCH_X86_64, 92, 1}, {AUDIT_ARCH_X86_64, 93, 1}, {AUDIT_ARCH_X86_64, 94, 1},
	             {AUDIT_ARCH_X86_64, 260, 2}, {AUDIT_ARCH_X86_64, 0x40000000 | 260, 2}, {AUDIT_ARCH_I386, 207, 1},
	             {AUDIT_ARCH_I386, 298, 2}, {AUDIT_ARCH_ARM, 325, 2}, {AUDIT_ARCH_AARCH64, 54, 2}, {AUDIT_ARCH_AARCH64, 55, 1}};
	static const uint64_t ids[] = {0, 250, 65534, 0xffffffff};
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		for (size_t user = 0; user < 4; user++)
			for (size_t group = 0; group < 4; group++) {
				struct seccomp_data data = {.nr = calls[i].number, .arch = calls[i].arch};
				data.args[calls[i].user] = ids[user];
				data.args[calls[i].user + 1] = ids[group];
				bool is_kept = user % 3 == 0 && group % 3 == 0;
				CHECK(interpret(code, length, &data) == (is_kept ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO));
				data.nr = 1;
				CHECK(interpret(code, length, &data) == SECCOMP_RET_ALLOW);
			}
}
