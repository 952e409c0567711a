/* Builds and installs the seccomp filter, which decides nothing but which calls stop (seccomp(2), seccomp_unotify(2)). */
#include "trace/filter.h"

#include "base/bpf.h"
#include "base/report-ring.h"
#include "trace/calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/*
 * The size that glibc's realpath(3) gives to readlink(2), once for each folder of a path. Each gcc calls it a hundred times to
 * find out where it lies, which is half of all calls of a configure script. What it finds is opened or looked up next; canonical-names.c
 * tells what programs find that do nothing else.
 */
#define REALPATH_BUFFER 1023

struct program {
	struct sock_filter *code;
	size_t length;
	uint32_t pass;
};

static void emit(struct program *p, struct sock_filter instruction)
{
	if (p->length < FILTER_LIMIT)
		p->code[p->length++] = instruction;
}

/* Emits which calls that may kill a process are of interest to deaths.c. Go programs send SIGURG to themselves all the time. */
static void emit_signals(struct program *p, const struct call *call)
{
	switch ((enum call_kind)call->kind) {
	case CALL_SIGNAL:
		emit(p, LOAD(ARGUMENT(call->flags)));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, SIGKILL, 4, 0));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, SIGTERM, 3, 0));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, SIGUSR1, 2, 0));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, SIGUSR2, 1, 0));
		break;
	case CALL_PRCTL:
		emit(p, LOAD(ARGUMENT(call->flags)));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_PDEATHSIG, 1, 0));
		break;
	case CALL_LIMIT:
		emit(p, LOAD(ARGUMENT(call->flags)));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, RLIMIT_CPU, 1, 0));
		break;
	case CALL_CLONE:
		emit(p, LOAD(ARGUMENT(call->flags)));
		emit(p, JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWPID, 1, 0));
		break;
	default:
		return;
	}
	emit(p, ANSWER(SECCOMP_RET_ALLOW));
}

/* Emits what is done with one call. Another number falls through and stays in the accumulator. */
static void emit_call(struct program *p, const struct call *call, int number, bool is_native)
{
	size_t test = p->length;
	emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 0));
	if (call->kind == CALL_OPENAT2 && is_native) {
		/* A call of the reporter's page, which tells of it itself (reporters.c). */
		emit(p, LOAD(offsetof(struct seccomp_data, instruction_pointer)));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)REPORTER_CALL, 0, 3));
		emit(p, LOAD(offsetof(struct seccomp_data, instruction_pointer) + 4));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(REPORTER_CALL >> 32), 0, 1));
		emit(p, ANSWER(SECCOMP_RET_ALLOW));
	} else if (call->kind == CALL_STAT_AT) {
		/* stat of a descriptor as libc calls it for fstat(3) names no path; it is the most frequent call of a build. */
		emit(p, LOAD(ARGUMENT(call->flags)));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, AT_EMPTY_PATH, 0, 3));
		emit(p, LOAD(ARGUMENT(call->folder)));
		emit(p, JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x80000000u, 1, 0));
		emit(p, ANSWER(SECCOMP_RET_ALLOW));
	} else if (call->operation == OP_READLINK) {
		emit(p, LOAD(ARGUMENT(call->flags)));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, REALPATH_BUFFER, 0, 1));
		emit(p, ANSWER(SECCOMP_RET_ALLOW));
	} else if (call->kind == CALL_LISTENER) {
		emit(p, LOAD(ARGUMENT(call->flags)));
		emit(p, JUMP(BPF_JMP | BPF_JSET | BPF_K, SECCOMP_FILTER_FLAG_NEW_LISTENER, 1, 0));
		emit(p, ANSWER(SECCOMP_RET_ALLOW));
	} else if (call->kind == CALL_NEW_ROOT && call->flags >= 0) {
		emit(p, LOAD(ARGUMENT(call->flags)));
		emit(p, JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWNS | CLONE_NEWPID, 1, 0));
		emit(p, ANSWER(SECCOMP_RET_ALLOW));
	} else {
		emit_signals(p, call);
	}
	if (call->kind == CALL_SENDTO) {
		/* Without an address it is a send on a socket that is connected. A pointer has two halves. */
		emit(p, LOAD(ARGUMENT(call->path)));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3));
		emit(p, LOAD(ARGUMENT(call->path) + 4));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1));
		emit(p, ANSWER(SECCOMP_RET_ALLOW));
	} else if (call->kind == CALL_SENDMSG) {
		emit(p, LOAD(ARGUMENT(2) + 4));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, p->pass, 0, 1));
		emit(p, ANSWER(SECCOMP_RET_ALLOW));
	} else if (call->kind == CALL_SOCKETCALL) {
		emit(p, LOAD(ARGUMENT(call->flags)));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCKETCALL_BIND, 5, 0));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCKETCALL_CONNECT, 4, 0));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCKETCALL_SENDTO, 3, 0));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCKETCALL_SENDMSG, 2, 0));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCKETCALL_SENDMMSG, 1, 0));
		emit(p, ANSWER(SECCOMP_RET_ALLOW));
	}
	if (call->kind == CALL_BPF) {
		emit(p, LOAD(ARGUMENT(call->flags)));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, BPF_OBJ_PIN, 2, 0));
		emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, BPF_OBJ_GET, 1, 0));
		emit(p, ANSWER(SECCOMP_RET_ALLOW));
	}
	emit(p, ANSWER(SECCOMP_RET_USER_NOTIF));
	p->code[test].jf = (uint8_t)(p->length - test - 1);
}

static void emit_table(struct program *p, uint32_t arch, bool x32)
{
	for (size_t i = 0; i < call_count; i++) {
		int number = call_number(&calls[i], arch, x32);
		if (number >= 0)
			emit_call(p, &calls[i], number, !x32 && (arch == AUDIT_ARCH_X86_64 || arch == AUDIT_ARCH_AARCH64));
	}
	/* A call that is newer than the table may name a file. The supervisor says so. */
	uint32_t base = x32 ? X32_BIT : 0;
	emit(p, JUMP(BPF_JMP | BPF_JGT | BPF_K, base | NEWEST_CALL, 0, 4));
	emit(p, JUMP(BPF_JMP | BPF_JGE | BPF_K, base | MOST_CALLS, 3, 0));
	emit(p, JUMP(BPF_JMP | BPF_JGE | BPF_K, base | (x32 ? FIRST_X32_CALL : MOST_CALLS), 0, 1));
	emit(p, JUMP(BPF_JMP | BPF_JGT | BPF_K, base | LAST_X32_CALL, 0, 1));
	emit(p, ANSWER(SECCOMP_RET_USER_NOTIF));
	emit(p, ANSWER(SECCOMP_RET_ALLOW));
}

/* Emits a table behind `if (arch == …)`. The distance is patched into a plain jump: conditional ones reach only 255 instructions. */
static void emit_architecture(struct program *p, uint32_t arch)
{
	emit(p, JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch, 1, 0));
	size_t skip = p->length;
	emit(p, STATEMENT(BPF_JMP | BPF_JA, 0));
	emit(p, LOAD(offsetof(struct seccomp_data, nr)));
	if (arch == AUDIT_ARCH_X86_64) {
		emit(p, JUMP(BPF_JMP | BPF_JSET | BPF_K, X32_BIT, 1, 0));
		size_t native = p->length;
		emit(p, STATEMENT(BPF_JMP | BPF_JA, 0));
		emit_table(p, arch, true);
		p->code[native].k = (uint32_t)(p->length - native - 1);
	}
	emit_table(p, arch, false);
	p->code[skip].k = (uint32_t)(p->length - skip - 1);
}

size_t build_filter(struct sock_filter *out, uint32_t pass)
{
	struct program p = {out, 0, pass};
	emit(&p, LOAD(offsetof(struct seccomp_data, arch)));
#if defined(__aarch64__)
	emit_architecture(&p, AUDIT_ARCH_AARCH64);
	emit_architecture(&p, AUDIT_ARCH_ARM);
#else
	emit_architecture(&p, AUDIT_ARCH_X86_64);
	emit_architecture(&p, AUDIT_ARCH_I386);
#endif
	/* The call of an architecture without a table stops too, so that the supervisor says that it was blind. */
	emit(&p, ANSWER(SECCOMP_RET_USER_NOTIF));
	return p.length;
}

int install_filter(uint32_t pass)
{
	static struct sock_filter code[FILTER_LIMIT];
	struct sock_fprog program = {.filter = code, .len = (unsigned short)build_filter(code, pass)};
	if (program.len >= FILTER_LIMIT) {
		errno = E2BIG;
		return -1;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	/* Since Linux 5.19 a notified call can only be interrupted by a fatal signal: no call is reported twice. */
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
	if (fd < 0 && errno == EINVAL)
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	return (int)fd;
}
