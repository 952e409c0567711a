/*
 * What the processes of a sandbox use, from the /proc of their PID namespace: it lists them and nobody else, whatever they do with
 * sessions, parents and names.
 */
#include "limits.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads a small file below the folder `at`; returns its length, 0 when it cannot be read. The text is terminated. */
static size_t read_text(int at, const char *name, char *text, size_t size)
{
	int fd = openat(at, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* The folder anew from its beginning, or NULL. */
static DIR *open_again(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	if (!entries && fd >= 0)
		close(fd);
	return entries;
}

static const char *next_number(DIR *entries)
{
	for (const struct dirent *e; (e = readdir(entries));)
		if (isdigit((unsigned char)e->d_name[0]))
			return e->d_name;
	return NULL;
}

void count_processes(int proc, struct process_usage *usage)
{
	DIR *processes = open_again(proc, ".");
	if (!processes)
		return;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	for (const char *pid; (pid = next_number(processes));) {
		char name[64], text[128];
		struct stat st;
		unsigned long long size, resident;
		snprintf(name, sizeof name, "%.20s/task", pid);
		/* A folder has two links and one for each folder in it, here for each thread. */
		if (fstatat(proc, name, &st, 0) == 0 && st.st_nlink > 2)
			usage->tasks += st.st_nlink - 2;
		snprintf(name, sizeof name, "%.20s/statm", pid);
		if (read_text(proc, name, text, sizeof text) > 0 && sscanf(text, "%llu %llu", &size, &resident) == 2)
			usage->resident += resident * page;
	}
	closedir(processes);
}

/* ---- files without a name ---- */

/* Each is counted once, however many descriptors it has. */
struct seen {
	struct {
		dev_t device;
		ino_t inode;
	} *slots;
	size_t capacity, used;
};

static bool is_new(struct seen *seen, dev_t device, ino_t inode)
{
	if (seen->used * 2 >= seen->capacity) {
		struct seen larger = {.capacity = seen->capacity * 2 + 1024};
		larger.slots = calloc(larger.capacity, sizeof *larger.slots);
		if (!larger.slots)
			return false;
		for (size_t i = 0; i < seen->capacity; i++)
			if (seen->slots[i].inode != 0)
				is_new(&larger, seen->slots[i].device, seen->slots[i].inode);
		free(seen->slots);
		*seen = larger;
	}
	size_t at = ((uint64_t)inode * 0x9E3779B97F4A7C15u >> 20) % seen->capacity;
	while (seen->slots[at].inode != 0) {
		if (seen->slots[at].inode == inode && seen->slots[at].device == device)
			return false;
		at = (at + 1) % seen->capacity;
	}
	seen->slots[at].device = device;
	seen->slots[at].inode = inode;
	seen->used++;
	return true;
}

/* The file system of memfd_create(2), shared mappings and System V segments; 0 when there is none. */
static dev_t memory_device(void)
{
	struct stat st = {0};
	int fd = memfd_create("ebuild-audit", MFD_CLOEXEC);
	if (fd >= 0) {
		if (fstat(fd, &st) != 0)
			st.st_dev = 0;
		close(fd);
	}
	return st.st_dev;
}

static void count_descriptors(int proc, const char *pid, dev_t memory, dev_t scratch, struct seen *seen,
                              struct memory_usage *usage)
{
	char name[64];
	snprintf(name, sizeof name, "%.20s/fd", pid);
	DIR *descriptors = open_again(proc, name);
	if (!descriptors)
		return;
	for (const char *number; (number = next_number(descriptors));) {
		struct stat st;
		/* The link leads straight to the open file. */
		if (fstatat(dirfd(descriptors), number, &st, 0) != 0 || !S_ISREG(st.st_mode) || st.st_nlink != 0)
			continue;
		/* The in-memory folders know of such files themselves. */
		if (st.st_dev == scratch || !is_new(seen, st.st_dev, st.st_ino))
			continue;
		uint64_t bytes = (uint64_t)st.st_blocks * 512;
		if (st.st_dev == memory)
			usage->memory_files += bytes;
		else
			usage->disk_files += bytes;
	}
	closedir(descriptors);
}

void count_open_files(int proc, dev_t scratch, struct memory_usage *usage)
{
	DIR *processes = open_again(proc, ".");
	if (!processes)
		return;
	struct seen seen = {0};
	dev_t memory = memory_device();
	for (const char *pid; (pid = next_number(processes));)
		count_descriptors(proc, pid, memory, scratch, &seen, usage);
	free(seen.slots);
	closedir(processes);
}

/* ---- memory ---- */

uint64_t parse_kilobytes(const char *text, const char *name)
{
	size_t length = strlen(name);
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, length) == 0 && line[length] == ':')
			return strtoull(line + length + 1, NULL, 10) * 1024;
	}
	return 0;
}

uint64_t parse_segments(const char *text)
{
	uint64_t sum = 0;
	/* key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap, below a line of headings */
	for (const char *line = strchr(text, '\n'); line; line = strchr(line + 1, '\n')) {
		unsigned long long resident, swapped;
		if (sscanf(line + 1, "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu %llu", &resident, &swapped) == 2)
			sum += resident + swapped;
	}
	return sum;
}

void count_memory(int proc, dev_t scratch, struct memory_usage *usage)
{
	DIR *processes = open_again(proc, ".");
	if (!processes)
		return;
	for (const char *pid; (pid = next_number(processes));) {
		char name[64], text[2048];
		snprintf(name, sizeof name, "%.20s/smaps_rollup", pid);
		if (read_text(proc, name, text, sizeof text) == 0)
			continue;
		usage->anonymous += parse_kilobytes(text, "Pss_Anon") + parse_kilobytes(text, "SwapPss");
		usage->mapped += parse_kilobytes(text, "Pss_Shmem");
	}
	closedir(processes);
	count_open_files(proc, scratch, usage);
}
