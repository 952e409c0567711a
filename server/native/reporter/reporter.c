/*
 * The reporter: a library that the supervisor puts into compilers, which open thousands of files (trace/reporters.c).
 *
 * A call that stops for the supervisor costs more than the call itself. So open(2) for reading does not stop here: it is made from a page
 * that the filter lets through, and written into memory that the supervisor reads at the next stop. Whatever is not plain goes the long
 * way: other flags, symbolic links, errors other than "there is none", a child that shares this memory, and memory that is full.
 *
 * It must not change what the program does. It has no dependencies, no environment, no descriptor and no memory of the C library's.
 */
#include "base/report-ring.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define PAGE_BYTES 4096
#define FOLDER_BYTES 4096
/* fstat of a descriptor, which the filter lets through (filter.c). */
#define HERE ""

/* The only symbol of the C library. Every one has it, by this name. */
extern int *__errno_location(void);
/* A page with nothing but a page_call, whose call ends at REPORTER_CALL_OFFSET. */
extern char reporter_page[];
typedef long page_call(long number, long a, long b, long c, long d);

#if defined(__x86_64__)
__asm__(".pushsection .text.page, \"ax\", @progbits\n"
        ".balign 4096\n"
        ".hidden reporter_page\n"
        ".globl reporter_page\n"
        "reporter_page:\n"
        "	mov %rdi, %rax\n"
        "	mov %rsi, %rdi\n"
        "	mov %rdx, %rsi\n"
        "	mov %rcx, %rdx\n"
        "	mov %r8, %r10\n"
        "	.org reporter_page + 30, 0x90\n"
        "	syscall\n"
        "	ret\n"
        "	.balign 4096\n"
        ".popsection\n");

static long call_kernel(long number, long a, long b, long c, long d, long e)
{
	long result;
	register long fourth __asm__("r10") = d;
	register long fifth __asm__("r8") = e;
	register long sixth __asm__("r9") = 0;
	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
	                 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__)
__asm__(".pushsection .text.page, \"ax\", %progbits\n"
        ".balign 4096\n"
        ".hidden reporter_page\n"
        ".globl reporter_page\n"
        "reporter_page:\n"
        "	mov x8, x0\n"
        "	mov x0, x1\n"
        "	mov x1, x2\n"
        "	mov x2, x3\n"
        "	mov x3, x4\n"
        "	nop\n"
        "	nop\n"
        "	svc #0\n"
        "	ret\n"
        "	.balign 4096\n"
        ".popsection\n");

static long call_kernel(long number, long a, long b, long c, long d, long e)
{
	register long eighth __asm__("x8") = number;
	register long first __asm__("x0") = a;
	register long second __asm__("x1") = b;
	register long third __asm__("x2") = c;
	register long fourth __asm__("x3") = d;
	register long fifth __asm__("x4") = e;
	register long sixth __asm__("x5") = 0;
	__asm__ volatile("svc #0" : "+r"(first) : "r"(eighth), "r"(second), "r"(third), "r"(fourth), "r"(fifth), "r"(sixth) : "memory");
	return first;
}
#else
#error "The reporter knows x86-64 and arm64."
#endif

/* NULL while nothing can be reported. */
static struct report_ring *ring;
/* The process that the ring belongs to. A child after fork(2) or vfork(2) has this memory too, but not the ring. */
static long owner;
/* The working folder that was reported last. */
static char folder[FOLDER_BYTES];

static size_t length_of(const char *text)
{
	size_t n = 0;
	while (text[n])
		n++;
	return n;
}

static bool is_same(const char *left, const char *right, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (left[i] != right[i])
			return false;
	return true;
}

static void copy(char *to, const char *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = from[i];
}

/* Moves the page of the calls to its address. Returns false when something else is there. */
static bool move_page(void)
{
	long place = call_kernel(SYS_mmap, REPORTER_PAGE, PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1);
	/* Older kernels take the address for a wish. */
	if (place != REPORTER_PAGE)
		return false;
	return call_kernel(SYS_mremap, (long)reporter_page, PAGE_BYTES, PAGE_BYTES, MREMAP_MAYMOVE | MREMAP_FIXED, REPORTER_PAGE) == REPORTER_PAGE;
}

__attribute__((constructor)) static void begin(void)
{
	struct open_how how = {.flags = O_RDONLY};
	long fd = call_kernel(SYS_openat2, ASKS_FOR_RING, (long)HERE, (long)&how, sizeof how, 0);
	if (fd < 0)
		return;
	long made = call_kernel(SYS_mmap, 0, sizeof(struct report_ring), PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	call_kernel(SYS_close, fd, 0, 0, 0, 0);
	if (made < 0 && made > -PAGE_BYTES)
		return;
	owner = call_kernel(SYS_getpid, 0, 0, 0, 0, 0);
	if (move_page())
		ring = (struct report_ring *)made;
}

static uint32_t room(void)
{
	return RING_BYTES - (atomic_load_explicit(&ring->written, memory_order_relaxed) - atomic_load_explicit(&ring->taken, memory_order_acquire));
}

/* Writes a report for which there is room, also for the padding before it. */
static void put(struct report_head what, const char *path)
{
	uint32_t at = atomic_load_explicit(&ring->written, memory_order_relaxed);
	uint32_t size = report_size(what.length), rest = RING_BYTES - at % RING_BYTES;
	if (rest < size) {
		struct report_head padding = {rest - (uint32_t)sizeof(struct report_head), REPORT_PADDING, 0};
		*(struct report_head *)(ring->bytes + at % RING_BYTES) = padding;
		at += rest;
	}
	struct report_head *head = (struct report_head *)(ring->bytes + at % RING_BYTES);
	*head = what;
	copy((char *)(head + 1), path, what.length);
	atomic_store_explicit(&ring->written, at + size, memory_order_release);
}

/* Reports the working folder if it is another one than before. Returns false when it cannot be told. */
static bool report_folder(void)
{
	char now[FOLDER_BYTES];
	long size = call_kernel(SYS_getcwd, (long)now, sizeof now, 0, 0, 0);
	/* Outside of the root the kernel says "(unreachable)". */
	if (size <= 1 || now[0] != '/')
		return false;
	if (!is_same(now, folder, (size_t)size)) {
		put((struct report_head){(uint32_t)size - 1, REPORT_FOLDER, 0}, now);
		copy(folder, now, (size_t)size);
	}
	return true;
}

/* What a look-up returns that has to be made in the ordinary way: no error of the kernel is below -4095. */
#define ORDINARY (-4096l)

/* Reads the status of what was found. */
static bool describe(long fd, struct stat *found)
{
	return call_kernel(SYS_newfstatat, fd, (long)HERE, (long)found, AT_EMPTY_PATH, 0) == 0;
}

/*
 * Opens a path in which no symbolic link is, and reports it. `found` takes the status of what it found. Returns the descriptor, -ENOENT, or
 * ORDINARY.
 */
static long open_and_report(const char *path, enum report_kind kind, long flags, struct stat *found)
{
	if (!ring || !path || call_kernel(SYS_getpid, 0, 0, 0, 0, 0) != owner)
		return ORDINARY;
	size_t length = length_of(path);
	if (length == 0 || length >= FOLDER_BYTES || atomic_exchange_explicit(&ring->writer, 1, memory_order_acquire) != 0)
		return ORDINARY;
	long result = ORDINARY;
	/* A folder and a path, each with a padding before it. */
	if (room() > 4 * report_size(FOLDER_BYTES) && (path[0] == '/' || report_folder())) {
		struct open_how how = {.flags = (unsigned long)flags, .resolve = RESOLVE_NO_SYMLINKS};
		page_call *call = (page_call *)REPORTER_PAGE;
		long fd = call(SYS_openat2, AT_FDCWD, (long)path, (long)&how, sizeof how);
		if (fd == -ENOENT || (fd >= 0 && describe(fd, found))) {
			enum report_result what = fd < 0 ? FOUND_NOTHING : S_ISDIR(found->st_mode) ? FOUND_FOLDER : FOUND_FILE;
			/* access(2) asks the kernel again about what is there, and stops for that. */
			if (fd < 0 || kind != REPORT_ACCESS)
				put((struct report_head){(uint32_t)length, (uint16_t)kind, (uint16_t)what}, path);
			result = fd;
		} else if (fd >= 0) {
			call_kernel(SYS_close, fd, 0, 0, 0, 0);
		}
	}
	atomic_store_explicit(&ring->writer, 0, memory_order_release);
	return result;
}

static int give(long result)
{
	if (result >= 0)
		return (int)result;
	*__errno_location() = (int)-result;
	return -1;
}

/* ---- what a program calls ---- */

#define SHOWN __attribute__((visibility("default")))

/* Flags with which an open reads and changes nothing. */
#define PLAIN_FLAGS (O_NOCTTY | O_CLOEXEC | O_NONBLOCK)

SHOWN int open(const char *path, int flags, ...)
{
	struct stat found;
	long result = (flags & ~PLAIN_FLAGS) == O_RDONLY ? open_and_report(path, REPORT_OPEN, flags, &found) : ORDINARY;
	if (result != ORDINARY)
		return give(result);
	va_list arguments;
	va_start(arguments, flags);
	unsigned mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, unsigned) : 0;
	va_end(arguments);
	return give(call_kernel(SYS_openat, AT_FDCWD, (long)path, flags, mode, 0));
}

/* stat(2) and lstat(2): O_PATH opens nothing, so that a device or a pipe does not notice. */
static int look_at(const char *path, struct stat *out, enum report_kind kind)
{
	long flags = kind == REPORT_LINK_STAT ? AT_SYMLINK_NOFOLLOW : 0;
	struct stat found;
	long result = open_and_report(path, kind, O_PATH | O_CLOEXEC | (flags ? O_NOFOLLOW : 0), &found);
	if (result >= 0) {
		call_kernel(SYS_close, result, 0, 0, 0, 0);
		*out = found;
		return 0;
	}
	return give(result == ORDINARY ? call_kernel(SYS_newfstatat, AT_FDCWD, (long)path, (long)out, flags, 0) : result);
}

SHOWN int stat(const char *path, struct stat *out)
{
	return look_at(path, out, REPORT_STAT);
}

SHOWN int lstat(const char *path, struct stat *out)
{
	return look_at(path, out, REPORT_LINK_STAT);
}

/* Only what is missing is known without asking: whoever may read it is the kernel's to say. */
SHOWN int access(const char *path, int mode)
{
	struct stat found;
	long result = open_and_report(path, REPORT_ACCESS, O_PATH | O_CLOEXEC, &found);
	if (result >= 0)
		call_kernel(SYS_close, result, 0, 0, 0, 0);
	return give(result == -ENOENT ? result : call_kernel(SYS_faccessat, AT_FDCWD, (long)path, mode, 0, 0));
}

/* The same by their other names; on these machines there is no other struct stat. */
SHOWN int open64(const char *path, int flags, ...) __attribute__((alias("open")));
struct stat64;
SHOWN int stat64(const char *path, struct stat64 *out) __attribute__((alias("stat")));
SHOWN int lstat64(const char *path, struct stat64 *out) __attribute__((alias("lstat")));
