/*
 * A victim: a process outside the sandbox that lets every process of its user trace it, and keeps a secret in its memory and in a
 * shared memory segment. Prints its pid and the address of the secret, then waits until its standard input ends.
 *
 *     decoy SECRET SHM-KEY
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <unistd.h>

static char secret[256];

int main(int argc, char **argv)
{
	if (argc != 3)
		return 64;
	snprintf(secret, sizeof secret, "%s", argv[1]);
	/* Yama (ptrace_scope 1) would otherwise protect it better than the sandbox has to. */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	int segment = shmget((key_t)strtoul(argv[2], NULL, 16), sizeof secret, IPC_CREAT | 0666);
	char *shared = segment < 0 ? NULL : shmat(segment, NULL, 0);
	if (!shared || shared == (char *)-1)
		return 1;
	strcpy(shared, secret);
	/* Removed when the last process that has it ends. */
	printf("%d %p\n", (int)getpid(), (void *)secret);
	fflush(stdout);
	close(1);
	/* The decoy ends when the test closes its standard input. */
	char byte;
	while (read(0, &byte, 1) > 0)
		;
	shmctl(segment, IPC_RMID, NULL);
	return 0;
}
