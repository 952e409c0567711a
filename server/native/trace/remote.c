/* Reads the memory and the descriptors of a traced process, which may lie, change while it is read, or die at any moment. */
#include "trace/remote.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* The smallest page size. A read that does not cross such a border is either whole or refused. */
#define PAGE 4096u

/* Whether something is mapped at an address, which the kernel may read there although a stranger may not (write-only, secret memory). */
static bool is_mapped(pid_t tid, uint64_t address)
{
	AUTO_FREE char *line = NULL;
	size_t size = 0;
	char name[64];
	snprintf(name, sizeof name, "/proc/%d/maps", (int)tid);
	AUTO_CLOSE_FILE FILE *maps = fopen(name, "re");
	uint64_t from, to;
	while (maps && getline(&line, &size, maps) > 0)
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &from, &to) == 2 && address >= from && address < to)
			return true;
	return false;
}

/* A process that grants no access (unreadable program file) is EPERM here, and so is memory that only the kernel can read; a hole is EFAULT. */
static ssize_t read_within_page(pid_t tid, uint64_t address, void *out, size_t length)
{
	struct iovec local = {.iov_base = out, .iov_len = length};
	struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = length};
	ssize_t n = process_vm_readv(tid, &local, 1, &remote, 1, 0);
	if (n > 0)
		return n;
	int error = n == 0 ? EFAULT : errno;
	/* NULL is no path of futimens(3) and others, and nothing is mapped so low. */
	return error == EFAULT && address >= PAGE && is_mapped(tid, address) ? -EPERM : -error;
}

ssize_t remote_read(pid_t tid, uint64_t address, void *out, size_t length)
{
	size_t done = 0;
	while (done < length) {
		if (address > UINT64_MAX - done)
			return done > 0 ? (ssize_t)done : -EFAULT;
		size_t step = PAGE - (size_t)((address + done) % PAGE);
		if (step > length - done)
			step = length - done;
		ssize_t n = read_within_page(tid, address + done, (char *)out + done, step);
		if (n < 0)
			return done > 0 ? (ssize_t)done : n;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

ssize_t remote_string(pid_t tid, uint64_t address, char *out, size_t size)
{
	size_t done = 0;
	out[0] = '\0';
	while (done < size) {
		if (address > UINT64_MAX - done)
			return -EFAULT;
		size_t step = PAGE - (size_t)((address + done) % PAGE);
		/* Most paths are short: the first read takes little. */
		if (done == 0 && step > 256)
			step = 256;
		if (step > size - done)
			step = size - done;
		ssize_t n = read_within_page(tid, address + done, out + done, step);
		if (n < 0) {
			out[0] = '\0';
			return n;
		}
		char *end = memchr(out + done, '\0', (size_t)n);
		if (end)
			return end - out;
		done += (size_t)n;
	}
	out[size - 1] = '\0';
	return -ENAMETOOLONG;
}

ssize_t remote_absolute(pid_t tid, int folder, const char *path, char out[ABSOLUTE_BYTES])
{
	size_t length = strnlen(path, PATH_BYTES);
	if (length == PATH_BYTES)
		return -ENOENT;
	if (path[0] == '/') {
		memcpy(out, path, length + 1);
		return (ssize_t)length;
	}
	char link[64];
	if (folder == AT_FDCWD)
		snprintf(link, sizeof link, "/proc/%d/cwd", (int)tid);
	else
		snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)tid, folder);
	ssize_t n = readlink(link, out, PATH_BYTES);
	/* The kernel walks on from folders whose own paths are too long for it to tell. */
	if (n < 0 || n >= PATH_BYTES)
		return n < 0 && errno != ENAMETOOLONG && errno != EACCES && errno != EPERM ? -ENOENT : -EPERM;
	/* Pipes, sockets and the like read as "pipe:[1]"; a relative path from them is an error for the kernel too. */
	if (n == 0 || out[0] != '/')
		return -ENOENT;
	if (length > 0) {
		if (out[n - 1] != '/')
			out[n++] = '/';
		memcpy(out + n, path, length);
		n += (ssize_t)length;
	}
	out[n] = '\0';
	return n;
}
