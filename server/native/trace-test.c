/* Unit tests of the tracer: calls, filter, reading processes, the table of processes, the stream. */
#include "native.h"
#include "native-test.h"

#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- calls: this machine's numbers against the kernel's headers ---- */

static void test_calls(void)
{
	static const struct {
		const char *name;
		int number;
	} here[] = {
#define HERE(name) {#name, __NR_##name}
		HERE(openat), HERE(openat2), HERE(mknodat), HERE(newfstatat), HERE(statx), HERE(faccessat), HERE(faccessat2),
		HERE(readlinkat), HERE(execve), HERE(execveat), HERE(renameat), HERE(renameat2), HERE(linkat), HERE(symlinkat),
		HERE(unlinkat), HERE(mkdirat), HERE(truncate), HERE(exit), HERE(exit_group), HERE(io_uring_setup), HERE(seccomp),
		HERE(chroot), HERE(pivot_root), HERE(unshare),
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
	/* No number stands twice in one architecture. */
	for (size_t i = 0; i < call_count; i++)
		for (size_t j = i + 1; j < call_count; j++) {
			CHECK(calls[i].x86_64 < 0 || calls[i].x86_64 != calls[j].x86_64);
			CHECK(calls[i].i386 < 0 || calls[i].i386 != calls[j].i386);
			CHECK(calls[i].aarch64 < 0 || calls[i].aarch64 != calls[j].aarch64);
			CHECK(calls[i].arm < 0 || calls[i].arm != calls[j].arm);
		}
}

/* ---- filter: the program, run by a small interpreter of its own ---- */

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

static void test_filter(void)
{
	static struct sock_filter code[FILTER_LIMIT];
	size_t length = build_filter(code);
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
				bool traced = find_call(data.arch, data.nr, &narrow) != NULL;
				CHECK(interpret(code, length, &data) == (traced ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW));
			}
	CHECK(interpret(code, length, &(struct seccomp_data){.arch = 0x1234}) == SECCOMP_RET_USER_NOTIF);
#ifdef __x86_64__
	struct seccomp_data stat = {.nr = __NR_newfstatat, .arch = AUDIT_ARCH_X86_64, .args = {5, 0, 0, AT_EMPTY_PATH}};
	CHECK(interpret(code, length, &stat) == SECCOMP_RET_ALLOW);
	stat.args[0] = (uint32_t)AT_FDCWD;
	CHECK(interpret(code, length, &stat) == SECCOMP_RET_USER_NOTIF);
	stat.args[0] = 5;
	stat.args[3] = AT_SYMLINK_NOFOLLOW;
	CHECK(interpret(code, length, &stat) == SECCOMP_RET_USER_NOTIF);
	struct seccomp_data own = {.nr = __NR_seccomp, .arch = AUDIT_ARCH_X86_64, .args = {SECCOMP_SET_MODE_FILTER, 0}};
	CHECK(interpret(code, length, &own) == SECCOMP_RET_ALLOW);
#endif
}

/* ---- texts of other processes ---- */

static void test_stat(void)
{
	struct process_stat st;
	char text[512];
	snprintf(text, sizeof text, "7 (a) b) (c) S 5 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 9876 1 2 3 1 1 1 1 1 0 0 0 0 0 0 0 17 0 0 0\n");
	CHECK(parse_stat(text, &st) && st.parent == 5 && st.start == 9876 && !st.thread);
	snprintf(text, sizeof text, "7 (x) S 5 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 9876 1 2 3 1 1 1 1 1 0 0 0 0 0 0 0 -1 0 0 0\n");
	CHECK(parse_stat(text, &st) && st.thread);
	static const char *const bad[] = {"", ")", ") ", ") S", ") S ", "1 (x) S x", "1 (x) S 5 7", "no parenthesis"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!parse_stat(bad[i], &st));
}

static void test_interpreter(void)
{
	char out[16];
	CHECK(parse_interpreter("#!/bin/sh\n", 10, out, sizeof out) == 7 && strcmp(out, "/bin/sh") == 0);
	CHECK(parse_interpreter("#! \t/bin/sh -e\n", 15, out, sizeof out) == 7 && strcmp(out, "/bin/sh") == 0);
	CHECK(parse_interpreter("#!", 2, out, sizeof out) == 0);
	CHECK(parse_interpreter("#!\n", 3, out, sizeof out) == 0);
	CHECK(parse_interpreter("#!   ", 5, out, sizeof out) == 0);
	CHECK(parse_interpreter("#", 1, out, sizeof out) == 0);
	CHECK(parse_interpreter("\177ELF", 4, out, sizeof out) == 0);
	CHECK(parse_interpreter("#!/bin/sh\0x", 11, out, sizeof out) == 7);
	CHECK(parse_interpreter("#!/a/very/long/interpreter\n", 27, out, sizeof out) == 0);
}

static void test_remote(void)
{
	char out[64], whole[ABSOLUTE_BYTES];
	char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(map + 4096, 4096);
	memset(map, 'x', 4096);
	map[4095] = '\0';
	CHECK(remote_string(getpid(), (uintptr_t)(map + 4090), out, sizeof out) == 5 && strcmp(out, "xxxxx") == 0);
	map[4095] = 'x';
	CHECK(remote_string(getpid(), (uintptr_t)(map + 4090), out, sizeof out) == -EFAULT && out[0] == '\0');
	CHECK(remote_string(getpid(), (uintptr_t)map, out, sizeof out) == -ENAMETOOLONG && strlen(out) == sizeof out - 1);
	CHECK(remote_string(getpid(), 0, out, sizeof out) == -EFAULT);
	CHECK(remote_string(getpid(), UINT64_MAX, out, sizeof out) == -EFAULT);
	CHECK(remote_read(getpid(), (uintptr_t)(map + 4090), out, 32) == 6);
	CHECK(remote_absolute(getpid(), AT_FDCWD, "/a", whole) == 2 && strcmp(whole, "/a") == 0);
	int folder = open("/usr", O_RDONLY | O_DIRECTORY);
	CHECK(remote_absolute(getpid(), folder, "b", whole) == 6 && strcmp(whole, "/usr/b") == 0);
	CHECK(remote_absolute(getpid(), folder, "", whole) == 4 && strcmp(whole, "/usr") == 0);
	int ends[2];
	CHECK(pipe(ends) == 0 && remote_absolute(getpid(), ends[0], "b", whole) == -1);
	CHECK(remote_absolute(getpid(), 9999, "b", whole) == -1);
	close(folder);
	close(ends[0]);
	close(ends[1]);
	munmap(map, 4096);
}

/* ---- processes, in a world made for the test ---- */

struct fake {
	pid_t tid, leader, parent;
	uint64_t start;
};
static struct fake world[8];
static char said[512];

static const struct fake *fake(pid_t tid)
{
	for (size_t i = 0; i < 8; i++)
		if (world[i].tid == tid)
			return &world[i];
	return NULL;
}
static bool fake_stat(pid_t tid, struct process_stat *out)
{
	const struct fake *f = fake(tid);
	if (f)
		*out = (struct process_stat){.parent = f->parent, .start = f->start, .thread = f->leader != f->tid};
	return f != NULL;
}
static pid_t fake_leader(pid_t tid)
{
	const struct fake *f = fake(tid);
	return f ? f->leader : -1;
}
static size_t fake_children(pid_t leader, pid_t *out, size_t limit)
{
	size_t count = 0;
	for (size_t i = 0; i < 8 && count < limit; i++)
		if (world[i].tid && world[i].parent == leader && world[i].leader == world[i].tid)
			out[count++] = world[i].tid;
	return count;
}
static void fake_announce(uint32_t serial, uint32_t parent, pid_t pid)
{
	size_t n = strlen(said);
	snprintf(said + n, sizeof said - n, "%u<%u:%d ", serial, parent, (int)pid);
}
static void fake_orphan(uint32_t serial)
{
	size_t n = strlen(said);
	snprintf(said + n, sizeof said - n, "?%u ", serial);
}

static void test_processes(void)
{
	static const struct process_source source = {fake_stat, fake_leader, fake_children, fake_announce, fake_orphan};
	struct processes table;
	CHECK(processes_open(&table, &source));
	world[0] = (struct fake){100, 100, 50, 1};
	world[1] = (struct fake){101, 101, 100, 2};
	world[2] = (struct fake){102, 102, 101, 3};
	CHECK(processes_find(&table, 100, 0)->serial == 1);
	/* A process is announced after its parents. */
	CHECK(processes_find(&table, 102, 0)->serial == 3);
	CHECK(strcmp(said, "1<0:100 2<1:101 3<2:102 ") == 0);
	/* A thread is its process; a dead thread is nobody. */
	world[3] = (struct fake){103, 102, 101, 4};
	CHECK(processes_find(&table, 103, 0)->serial == 3);
	CHECK(processes_find(&table, 999, 0) == NULL);
	CHECK(processes_find(&table, 0, 0) == NULL);
	/* Who leaves names its children first. */
	said[0] = '\0';
	world[4] = (struct fake){104, 104, 102, 5};
	processes_leave(&table, 102, 3, 0);
	world[4].parent = 50;
	world[2] = (struct fake){0};
	CHECK(processes_find(&table, 104, 0)->serial == 4);
	CHECK(strcmp(said, "4<3:104 ") == 0);
	/* The pid comes back as another process, at once. */
	said[0] = '\0';
	world[2] = (struct fake){102, 102, 100, 9};
	CHECK(processes_find(&table, 102, 1)->serial == 5);
	CHECK(strcmp(said, "5<1:102 ") == 0);
	/* A killed process said nothing: its pid is asked about again after a silence. */
	world[2].start = 12;
	CHECK(processes_find(&table, 102, 2)->serial == 5);
	CHECK(processes_find(&table, 102, 5000)->serial == 6);
	/* An orphan nobody has named hangs on the first process, and that is said. */
	said[0] = '\0';
	world[5] = (struct fake){105, 105, 50, 20};
	CHECK(processes_find(&table, 105, 5000)->serial == 7);
	CHECK(strcmp(said, "7<1:105 ?7 ") == 0);
	/* A circle of parents, which cannot be, ends all the same. */
	world[6] = (struct fake){106, 106, 107, 21};
	world[7] = (struct fake){107, 107, 106, 22};
	CHECK(processes_find(&table, 106, 5000) != NULL);
	/* More processes than fit at first. */
	for (pid_t pid = 1000; pid < 9000; pid++) {
		world[5] = (struct fake){pid, pid, 100, (uint64_t)pid};
		CHECK(processes_find(&table, pid, 5000) != NULL);
	}
	CHECK(processes_find(&table, 100, 5000)->serial == 1);
	processes_close(&table);
}

/* ---- stream and plan ---- */

static void test_stream(void)
{
	static struct stream s;
	int ends[2];
	CHECK(pipe(ends) == 0);
	stream_open(&s, ends[1], NULL);
	stream_begin(&s, FRAME_ACCESS);
	stream_text(&s, "lost", 4);
	stream_rollback(&s);
	stream_begin(&s, FRAME_GAP);
	stream_u32(&s, 0x01020304);
	stream_text(&s, "ab", 2);
	stream_commit(&s);
	CHECK(stream_pending(&s) && stream_flush(&s) && !stream_pending(&s));
	static const uint8_t expected[] = {'E', 'A', 'T', 'R', 1, 0, 0, 0, 9, 0, 0, 0, 4, 4, 3, 2, 1, 2, 0, 'a', 'b'};
	uint8_t got[64];
	CHECK(read(ends[0], got, sizeof got) == sizeof expected && memcmp(got, expected, sizeof expected) == 0);
	/* A field that does not fit breaks the stream instead of memory. */
	stream_begin(&s, FRAME_GAP);
	char *big = calloc(1, 70000);
	for (int i = 0; i < 3; i++)
		stream_text(&s, big, 70000);
	CHECK(s.broken);
	free(big);
	close(ends[0]);
	close(ends[1]);
}

void test_trace(void)
{
	test_calls();
	test_filter();
	test_stat();
	test_interpreter();
	test_remote();
	test_processes();
	test_stream();
}
