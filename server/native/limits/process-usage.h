/* What the processes of a sandbox use, told by the /proc that they see. */
#ifndef EBUILD_AUDIT_PROCESS_USAGE_H
#define EBUILD_AUDIT_PROCESS_USAGE_H

#include <stdint.h>
#include <sys/types.h>

struct process_usage {
	/* Processes and threads. */
	uint64_t tasks;
	/* Resident bytes; pages that processes share are counted for each. */
	uint64_t resident;
};

/* A quick look at all processes; `proc` is a descriptor of the sandbox's /proc. */
void count_processes(int proc, struct process_usage *usage);

struct memory_usage {
	/* Bytes of private memory and of shared memory that is mapped, in proportion where several processes share it. */
	uint64_t anonymous, mapped;
	/* Bytes of files without a name that are held open: in memory, and on the disk. */
	uint64_t memory_files, disk_files;
};

/* A thorough look, which costs about a millisecond for every 100 MiB. `scratch` is the device of the in-memory folders. */
void count_memory(int proc, dev_t scratch, struct memory_usage *usage);
/* Only the files without a name. */
void count_open_files(int proc, dev_t scratch, struct memory_usage *usage);
/* The bytes that System V segments take, from the text of /proc/sysvipc/shm (proc(5)). */
uint64_t parse_segments(const char *text);
/* A line "NAME:   123 kB" of a file in /proc, in bytes; 0 when there is none. */
uint64_t parse_kilobytes(const char *text, const char *name);

#endif
