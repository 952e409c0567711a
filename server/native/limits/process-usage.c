/*
 * Counts what the processes of a sandbox use, from the /proc of their PID namespace. It lists them and nobody else, whatever they do
 * with sessions, parents and names.
 */
#include "limits/process-usage.h"

#include "base/cleanup.h"
#include "base/open.h"
#include "base/text-file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *next_number(DIR *entries)
{
	for (const struct dirent *e; (e = readdir(entries));)
		if (isdigit((unsigned char)e->d_name[0]))
			return e->d_name;
	return NULL;
}

void count_processes(int proc, struct process_usage *usage)
{
	AUTO_CLOSE_FOLDER DIR *processes = open_folder_at(proc, ".");
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
	AUTO_CLOSE int fd = memfd_create("ebuild-audit", MFD_CLOEXEC);
	return fd >= 0 && fstat(fd, &st) == 0 ? st.st_dev : 0;
}

/* A count of open files in progress. */
struct count {
	/* The device of nameless files in memory, and that of the in-memory folders, which count such files themselves. */
	dev_t memory, scratch;
	struct seen seen;
	struct memory_usage *usage;
};

static void count_descriptors(struct count *count, int proc, const char *pid)
{
	char name[64];
	snprintf(name, sizeof name, "%.20s/fd", pid);
	AUTO_CLOSE_FOLDER DIR *descriptors = open_folder_at(proc, name);
	if (!descriptors)
		return;
	for (const char *number; (number = next_number(descriptors));) {
		struct stat st;
		/* The link leads straight to the open file. */
		if (fstatat(dirfd(descriptors), number, &st, 0) != 0 || !S_ISREG(st.st_mode) || st.st_nlink != 0)
			continue;
		if (st.st_dev == count->scratch || !is_new(&count->seen, st.st_dev, st.st_ino))
			continue;
		uint64_t bytes = (uint64_t)st.st_blocks * 512;
		if (st.st_dev == count->memory)
			count->usage->memory_files += bytes;
		else
			count->usage->disk_files += bytes;
	}
}

void count_open_files(int proc, dev_t scratch, struct memory_usage *usage)
{
	AUTO_CLOSE_FOLDER DIR *processes = open_folder_at(proc, ".");
	if (!processes)
		return;
	struct count count = {.memory = memory_device(), .scratch = scratch, .usage = usage};
	for (const char *pid; (pid = next_number(processes));)
		count_descriptors(&count, proc, pid);
	free(count.seen.slots);
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
	AUTO_CLOSE_FOLDER DIR *processes = open_folder_at(proc, ".");
	if (!processes)
		return;
	for (const char *pid; (pid = next_number(processes));) {
		char name[64], text[2048];
		snprintf(name, sizeof name, "%.20s/smaps_rollup", pid);
		if (read_text(proc, name, text, sizeof text) <= 0)
			continue;
		usage->anonymous += parse_kilobytes(text, "Pss_Anon") + parse_kilobytes(text, "SwapPss");
		usage->mapped += parse_kilobytes(text, "Pss_Shmem");
	}
	count_open_files(proc, scratch, usage);
}
