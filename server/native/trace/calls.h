/* The system calls that are traced, per architecture. */
#ifndef EBUILD_AUDIT_CALLS_H
#define EBUILD_AUDIT_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers of docs/trace-format.md. */
enum operation {
	OP_OPEN = 1,
	OP_STAT,
	OP_ACCESS,
	OP_READLINK,
	OP_WRITE,
	OP_RENAME,
	OP_LINK,
	OP_UNLINK,
	OP_MKDIR,
	OP_SYMLINK,
	OP_READDIR,
	OP_CHDIR,
	OP_ATTRIBUTES,
};

enum call_kind {
	CALL_OPEN,      /* flags decide between open, readdir and write */
	CALL_OPENAT2,   /* flags are in a struct open_how */
	CALL_PATH,      /* one path, operation as given */
	CALL_STAT_AT,   /* the same, and what libc calls for fstat(3) is let through */
	CALL_LINK,      /* the same, and a link at its end is not followed */
	CALL_TWO_PATHS, /* two paths, operation as given */
	CALL_SYMLINK,   /* `path` is the link's, `path2` its text */
	CALL_EXEC,
	CALL_EXIT,
	CALL_EXIT_GROUP,
	CALL_IO_URING,
	CALL_LISTENER,   /* seccomp(2) asking for a second listener */
	CALL_NEW_ROOT,   /* chroot, pivot_root, the calls that mount, unshare(CLONE_NEWNS) */
	CALL_UNSEEN,     /* names a file in a way that the tracer does not follow */
	CALL_BPF,        /* the same, for the two commands of bpf(2) that do */
	CALL_BIND,       /* `path` is the address, `path2` its length */
	CALL_CONNECT,    /* the same */
	CALL_SENDTO,     /* the same */
	CALL_SENDMSG,    /* `path` is a struct msghdr */
	CALL_SENDMMSG,   /* `path` is an array of them, `path2` how many */
	CALL_SOCKETCALL, /* i386: one of the five above, arguments in memory */
	CALL_SIGNAL,     /* `flags` is the signal, `path` whom it is for: one process if it is positive or NO_ARGUMENT */
	CALL_PRCTL,      /* prctl(PR_SET_PDEATHSIG): the kernel sends the signal when the parent dies */
	CALL_LIMIT,      /* a limit of processor time, `flags` is the resource, `path` the new limit: the kernel kills whoever exceeds it */
	CALL_CLONE,      /* clone(CLONE_NEWPID): the kernel kills all processes of the namespace when its first one ends */
};

enum { NO_ARGUMENT = -1 };

struct call {
	const char *name;
	/* Numbers per architecture, -1 where it does not exist. */
	int16_t x86_64, i386, aarch64, arm;
	uint8_t kind, operation;
	/* Positions of the arguments, or NO_ARGUMENT. */
	int8_t folder, path, folder2, path2, flags;
};

extern const struct call calls[];
extern const size_t call_count;

/* The call with this number under this audit architecture (x32 has bit 30 set), or NULL. `narrow` tells 4-byte pointers. */
const struct call *find_call(uint32_t arch, int number, bool *narrow);
/* The number of `call` under `arch`, or -1. x32 numbers carry bit 30. */
int call_number(const struct call *call, uint32_t arch, bool x32);
/* Which socketcall(2) numbers name an address: bind, connect, sendto, sendmsg, sendmmsg (linux/net.h). */
enum { SOCKETCALL_BIND = 2, SOCKETCALL_CONNECT, SOCKETCALL_SENDTO = 11, SOCKETCALL_SENDMSG = 16, SOCKETCALL_SENDMMSG = 20 };
/*
 * The newest call of which test/sandbox/system-calls.test.ts says whether it names a file, file_setattr(2). What comes after it, up to
 * where the private calls of arm begin, is a gap.
 */
enum { NEWEST_CALL = 469, MOST_CALLS = 0x10000 };
/* x32 has some calls of its own. */
enum { FIRST_X32_CALL = 512, LAST_X32_CALL = 547 };
/* Whether this audit architecture has a table. */
bool knows_architecture(uint32_t arch);

#endif
