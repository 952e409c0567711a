/* Unit tests of the tracer: calls, filter, reading processes, the table of processes, the stream. */
#include "trace.h"
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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
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
		HERE(chroot), HERE(pivot_root), HERE(unshare), HERE(chdir), HERE(statfs), HERE(getxattr), HERE(fchmodat),
		HERE(utimensat), HERE(connect), HERE(sendto), HERE(sendmsg), HERE(sendmmsg), HERE(mount), HERE(setns),
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
				bool traced = find_call(data.arch, data.nr, &narrow) != NULL;
				/* The one call with a list of what is traced: each of them stops. */
				if (arches[n] == AUDIT_ARCH_I386 && number == 102)
					data.args[0] = SOCKETCALL_SENDTO;
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
	struct seccomp_data link = {.nr = __NR_readlink, .arch = AUDIT_ARCH_X86_64, .args = {0, 0, 1023}};
	CHECK(interpret(code, length, &link) == SECCOMP_RET_ALLOW);
	link.args[2] = 4095;
	CHECK(interpret(code, length, &link) == SECCOMP_RET_USER_NOTIF);
	struct seccomp_data own = {.nr = __NR_seccomp, .arch = AUDIT_ARCH_X86_64, .args = {SECCOMP_SET_MODE_FILTER, 0}};
	CHECK(interpret(code, length, &own) == SECCOMP_RET_ALLOW);
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
	socketcall.args[0] = 1;
	CHECK(interpret(code, length, &socketcall) == SECCOMP_RET_ALLOW);
#endif
}

static void test_fence(void)
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

static void test_loader(void)
{
	uint64_t offset;
	size_t size;
	static char own[4096];
	FILE *self = fopen("/bin/sh", "re");
	size_t n = self ? fread(own, 1, sizeof own, self) : 0;
	if (self)
		fclose(self);
	CHECK(n > 0 && parse_loader(own, n, &offset, &size) && offset + size < n && own[offset] == '/' && own[offset + size] == '\0');
	/* Whatever the bytes are and wherever the file ends, nothing beyond it is read. */
	srand(1);
	for (int i = 0; i < 20000; i++) {
		char *copy = malloc(n);
		size_t length = (size_t)rand() % (n + 1);
		memcpy(copy, own, length);
		for (int k = rand() % 6; k > 0 && length > 64; k--)
			copy[4 + rand() % 60] = (char)rand();
		char *cut = realloc(copy, length ? length : 1);
		parse_loader(cut, length, &offset, &size);
		free(cut);
	}
	CHECK(!parse_loader("#!/bin/sh\n", 10, &offset, &size));
}

/* ---- places: this machine's own root stands for a view; nothing in it is fixed but what the test says ---- */

static void test_places(void)
{
	char folder[] = "/tmp/ebuild-audit-places-XXXXXX", path[300], name[64];
	if (syscall(SYS_openat2, -1, NULL, NULL, 0) < 0 && errno == ENOSYS) {
		puts("no openat2 here: what a path leads to is not tested");
		return;
	}
	struct places places = {.root = -1};
	static struct hops hops;
	CHECK(mkdtemp(folder) != NULL);
	CHECK(places_open(&places, getpid()));
	int at = open(folder, O_PATH | O_DIRECTORY);
	CHECK(mkdirat(at, "sub", 0755) == 0 && close(openat(at, "sub/file", O_CREAT | O_WRONLY, 0644)) == 0);
	CHECK(symlinkat("sub", at, "relative") == 0 && symlinkat("relative/file", at, "second") == 0);
	CHECK(symlinkat("nowhere", at, "dangling") == 0 && symlinkat("loop", at, "loop") == 0);
	CHECK(symlinkat("/proc/self", at, "process") == 0 && symlinkat("..", at, "sub/up") == 0);
	static const struct {
		const char *path;
		bool follow;
		enum result result;
		size_t hops;
	} asked[] = {
		{"sub", true, RESULT_FOLDER, 0}, {"sub/file", true, RESULT_FILE, 0}, {"none", true, RESULT_MISSING, 0},
		{"sub/file/x", true, RESULT_MISSING, 0}, {"relative", true, RESULT_FOLDER, 1}, {"relative", false, RESULT_FILE, 0},
		{"relative/", false, RESULT_FOLDER, 1}, {"second", true, RESULT_FILE, 2}, {"dangling", true, RESULT_MISSING, 1},
		{"dangling", false, RESULT_FILE, 0}, {"loop", true, RESULT_MISSING, MOST_HOPS}, {"process/status", true, RESULT_UNKNOWN, 1},
		{"relative/../sub/./file", true, RESULT_FILE, 1}, {"sub/up/sub/up/second", true, RESULT_FILE, 4},
	};
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, asked[i].path);
		enum result result = places_look(&places, path, asked[i].follow, &hops);
		if (result != asked[i].result || hops.count != asked[i].hops)
			fprintf(stderr, "%s: %d, %zu hops\n", path, (int)result, hops.count);
		CHECK(result == asked[i].result && hops.count == asked[i].hops);
	}
	snprintf(path, sizeof path, "%s/second", folder);
	places_look(&places, path, true, &hops);
	snprintf(path, sizeof path, "%s/relative/file", folder);
	CHECK(strcmp(hops.bytes, path) == 0);
	snprintf(path, sizeof path, "%s/sub/file", folder);
	CHECK(strcmp(hops.bytes + strlen(hops.bytes) + 1, path) == 0);
	CHECK(places_look(&places, "/proc/self/exe", true, &hops) == RESULT_UNKNOWN);
	CHECK(places_look(&places, "/", true, &hops) == RESULT_FOLDER && places_look(&places, "//..//", true, &hops) == RESULT_FOLDER);
	char *big = malloc(ABSOLUTE_BYTES);
	memset(big, '/', ABSOLUTE_BYTES);
	memset(big + 1, 'a', ABSOLUTE_BYTES - 2);
	big[ABSOLUTE_BYTES - 1] = '\0';
	CHECK(places_look(&places, big, true, &hops) == RESULT_MISSING);
	free(big);
	places_close(&places);
	for (size_t i = 0; i < 7; i++) {
		static const char *const made[] = {"sub/up", "sub/file", "relative", "second", "dangling", "loop", "process"};
		unlinkat(at, made[i], 0);
	}
	unlinkat(at, "sub", AT_REMOVEDIR);
	snprintf(name, sizeof name, "%s", folder);
	CHECK(rmdir(name) == 0);
	close(at);
}

static void test_remote(void)
{
	char out[64], whole[ABSOLUTE_BYTES];
	if (process_vm_readv(getpid(), NULL, 0, NULL, 0, 0) < 0 && errno == ENOSYS) {
		puts("no process_vm_readv here: reading memory is not tested");
		return;
	}
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

static bool fake_waiting(void)
{
	return true;
}
static void fake_ended(uint32_t serial)
{
	size_t n = strlen(said);
	snprintf(said + n, sizeof said - n, "!%u ", serial);
}
static int told_ends;
static void count_end(uint32_t serial)
{
	told_ends += serial > 0;
}
static void quiet(uint32_t serial, uint32_t parent, pid_t pid)
{
	(void)serial, (void)parent, (void)pid;
}

static void test_processes(void)
{
	static struct process_source source = {fake_stat, fake_leader, fake_children, fake_waiting,
	                                       fake_announce, fake_orphan, fake_ended};
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
	CHECK(strcmp(said, "!3 5<1:102 ") == 0);
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
	/* A build of many processes, of which few live at a time: each end is told, and the table stays small. */
	source.announce = quiet;
	source.ended = count_end;
	for (pid_t pid = 1000; pid < 201000; pid++) {
		world[5] = (struct fake){pid, pid, 100, (uint64_t)pid};
		struct process *made = processes_find(&table, pid, 5000);
		if (!made || made->serial == 0)
			CHECK(made && made->serial != 0);
	}
	CHECK(told_ends > 199000 && table.capacity <= 2048);
	CHECK(processes_find(&table, 100, 5000)->serial == 1);
	processes_close(&table);
}

/* ---- stream and plan ---- */

static void test_stream(void)
{
	static struct stream s;
	int ends[2];
	CHECK(pipe(ends) == 0);
	CHECK(stream_open(&s, ends[1], NULL));
	stream_begin(&s, FRAME_ACCESS);
	stream_text(&s, "lost", 4);
	stream_rollback(&s);
	stream_begin(&s, FRAME_GAP);
	stream_u32(&s, 0x01020304);
	stream_text(&s, "ab", 2);
	stream_commit(&s);
	CHECK(stream_pending(&s) && stream_flush(&s) && !stream_pending(&s));
	static const uint8_t expected[] = {'E', 'A', 'T', 'R', 2, 0, 0, 0, 9, 0, 0, 0, 4, 4, 3, 2, 1, 2, 0, 'a', 'b'};
	uint8_t got[64];
	CHECK(read(ends[0], got, sizeof got) == sizeof expected && memcmp(got, expected, sizeof expected) == 0);
	/* A path is sent once; a frame that is taken back takes its path back too. */
	for (int i = 0; i < 3; i++) {
		stream_begin(&s, FRAME_ACCESS);
		stream_path(&s, "/a", 2);
		if (i == 0)
			stream_rollback(&s);
		else
			stream_commit(&s);
	}
	CHECK(stream_flush(&s) && read(ends[0], got, sizeof got) == 4 + 9 + 4 + 5);
	CHECK(got[5] == 0xfe && got[6] == 0xff && got[9] == 2 && got[11] == '/' && got[18] == 0xff && got[19] == 0xff);
	CHECK(memcmp(got + 7, got + 20, 2) == 0);
	/* A field that does not fit breaks the stream instead of memory. */
	stream_begin(&s, FRAME_GAP);
	char *big = calloc(1, 70000);
	for (int i = 0; i < 6; i++)
		stream_text(&s, big, 70000);
	CHECK(s.broken);
	stream_commit(&s);
	free(big);
	free(s.slots);
	close(ends[0]);
	close(ends[1]);
}

void test_trace(void)
{
	test_calls();
	test_filter();
	test_fence();
	test_stat();
	test_interpreter();
	test_loader();
	test_places();
	test_remote();
	test_processes();
	test_stream();
}
