/*
 * Attempts to confuse, to stop or to blind the tracer: confuse filters|descriptors|arguments|undumpable|storm|race. Exits with 0
 * after it has finished its part, whatever the answers were.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Adds a filter of our own that answers openat with `answer`; the strictest of all filters wins (seccomp(2)). */
static int add_filter(unsigned answer, unsigned flags)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, answer),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void in_child(void (*what)(unsigned), unsigned argument)
{
	pid_t child = fork();
	if (child == 0) {
		alarm(5);
		what(argument);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void open_filtered(unsigned answer)
{
	add_filter(answer, 0);
	open("/usr/include/stdio.h", O_RDONLY);
}

static void ask_for_listener(unsigned flags)
{
	/* A filter without a listener would stop the process for ever. */
	int fd = add_filter(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER | flags);
	if (fd >= 0)
		close(fd);
	open("/usr/include/stdio.h", O_RDONLY);
}

static void filters(void)
{
	static const unsigned answers[] = {SECCOMP_RET_ERRNO | EACCES, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
	                                   SECCOMP_RET_TRAP, SECCOMP_RET_TRACE | 1, SECCOMP_RET_LOG, SECCOMP_RET_USER_NOTIF};
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		in_child(open_filtered, answers[i]);
	in_child(ask_for_listener, 0);
	in_child(ask_for_listener, SECCOMP_FILTER_FLAG_TSYNC);
	in_child(ask_for_listener, 1U << 5 /* WAIT_KILLABLE_RECV */);
}

/* Frames as the supervisor would write them: the end of the trial with status 0, and rubbish. */
static const char forged[] = "EATR\1\0\0\0\5\0\0\0\5\0\0\0\0\377\377\377\377\377\377\377\377";

static void descriptors(void)
{
	char bytes[4096];
	for (int fd = 3; fd < 1024; fd++) {
		struct iovec io = {bytes, sizeof bytes};
		char control[256];
		struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
		fcntl(fd, F_SETFL, O_NONBLOCK);
		recvmsg(fd, &message, MSG_DONTWAIT);
		send(fd, forged, sizeof forged, MSG_DONTWAIT | MSG_NOSIGNAL);
		ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, bytes);
		shutdown(fd, SHUT_RDWR);
	}
	/* The descriptors of the processes above, up to the top of the PID namespace. */
	for (pid_t pid = 1; pid < 64; pid++) {
		int process = (int)syscall(SYS_pidfd_open, pid, 0);
		for (int fd = 0; process >= 0 && fd < 64; fd++) {
			int got = (int)syscall(438 /* pidfd_getfd */, process, fd, 0);
			struct stat st;
			/* Standard output is the log, which everybody may write to. */
			if (got >= 0 && fd > 2 && fstat(got, &st) == 0 && S_ISSOCK(st.st_mode))
				send(got, forged, sizeof forged, MSG_DONTWAIT | MSG_NOSIGNAL);
			if (got >= 0)
				close(got);
		}
		if (process >= 0)
			close(process);
	}
}

static void execute(const char *path, char *const *arguments)
{
	pid_t child = fork();
	if (child == 0) {
		alarm(5);
		syscall(SYS_execve, path, arguments, NULL);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void write_script(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0755);
	if (write(fd, text, strlen(text)) < 0)
		exit(1);
	close(fd);
}

static void arguments(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(page + 4096, 4096);
	memset(page, 'a', 4096);
	static char longest[1 << 20];
	memset(longest, 'b', sizeof longest - 1);
	const char *paths[] = {NULL, (char *)1, (char *)-1, page, page + 4095, page + 4096, longest, "", "relative", "/", "/proc/self/fd/0"};
	static const int folders[] = {AT_FDCWD, -1, 0, 1, 1 << 30, -200};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		for (size_t k = 0; k < sizeof folders / sizeof *folders; k++) {
			struct stat st;
			char how[64] = {0};
			syscall(SYS_openat, folders[k], paths[i], O_RDONLY | O_NONBLOCK);
			syscall(SYS_newfstatat, folders[k], paths[i], &st, 0);
			syscall(SYS_newfstatat, folders[k], paths[i], &st, AT_EMPTY_PATH);
			syscall(437 /* openat2 */, folders[k], paths[i], how, sizeof how);
			syscall(437, folders[k], paths[i], (void *)3, (size_t)-1);
			syscall(SYS_renameat2, folders[k], paths[i], folders[k], paths[i], ~0U);
			syscall(SYS_symlinkat, paths[i], folders[k], paths[i]);
			syscall(SYS_execveat, folders[k], paths[i], NULL, NULL, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
		}

	static char *many[100001];
	for (int i = 0; i < 100000; i++)
		many[i] = (char *)"x";
	static char *large[20] = {0};
	for (int i = 0; i < 16; i++)
		large[i] = longest + sizeof longest - 120000;
	char *wild[] = {(char *)1, page, (char *)-1, NULL};
	mkfifo("fifo", 0777);
	write_script("loop", "#!./loop\n");
	write_script("to-fifo", "#!./fifo\n");
	write_script("to-long", "#!/");
	write_script("to-sparse", "#!./sparse\n");
	int fd = open("to-long", O_WRONLY | O_APPEND);
	if (write(fd, longest, 100000) < 0)
		exit(1);
	close(fd);
	fd = open("sparse", O_CREAT | O_WRONLY, 0755);
	/* If a limit refuses it, the largest that is allowed. */
	if (ftruncate(fd, 1LL << 40) != 0 && ftruncate(fd, 1 << 20) != 0)
		exit(1);
	close(fd);
	static const char *programs[] = {"/bin/true", "fifo", "loop", "to-fifo", "to-long", "to-sparse", "sparse", "/dev/zero", ".", ""};
	char *const *lists[] = {NULL, many, large, wild, (char *const *)1, (char *const *)(page + 4090)};
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
			execute(programs[i], lists[k]);

	/* A removed working folder, and one without a path. */
	if (mkdir("gone", 0755) == 0 && chdir("gone") == 0 && rmdir("../gone") == 0) {
		open("file", O_RDONLY);
		execute("./program", NULL);
	}
#ifdef __x86_64__
	/* The calls of 32-bit programs, and those of x32. */
	long answer;
	__asm__ volatile("int $0x80" : "=a"(answer) : "a"(5), "b"(0), "c"(0), "d"(0) : "memory", "r8", "r9", "r10", "r11");
	__asm__ volatile("int $0x80" : "=a"(answer) : "a"(11), "b"(1), "c"(1), "d"(1) : "memory", "r8", "r9", "r10", "r11");
	syscall(0x40000000 | SYS_openat, AT_FDCWD, "/usr/include/stdio.h", O_RDONLY);
	syscall(0x40000000 | 520 /* execve of x32 */, 1, 1, 1);
#endif
	syscall(425 /* io_uring_setup */, 8, longest);
}

static void undumpable(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NAME, ") Z 1 1 (", 0, 0, 0);
	for (int i = 0; i < 10; i++)
		open("/usr/include/stdio.h", O_RDONLY);
}

static char shared[64];

static void *flip(void *unused)
{
	(void)unused;
	for (int i = 0; i < 20000; i++)
		strcpy(shared, i & 1 ? "/usr/include/stdio.h" : "/nowhere\xff\n");
	return NULL;
}

static void *open_shared(void *unused)
{
	(void)unused;
	for (int i = 0; i < 500; i++)
		close(open(shared, O_RDONLY));
	return NULL;
}

static void race(void)
{
	pthread_t threads[64];
	for (int i = 0; i < 64; i++)
		pthread_create(&threads[i], NULL, i % 4 ? open_shared : flip, NULL);
	for (int i = 0; i < 64; i++)
		pthread_join(threads[i], NULL);
}

/* Processes that start and end; some are killed while they wait for the tracer, some outlive their parents. */
static void storm(void)
{
	for (int i = 0; i < 2000; i++) {
		pid_t child = i % 3 ? vfork() : fork();
		if (child == 0) {
			if (i % 3)
				_exit(0);
			if (fork() == 0)
				open("/usr/include/stdio.h", O_RDONLY);
			for (int k = 0; k < 5; k++)
				open("/usr/include/stdio.h", O_RDONLY);
			_exit(0);
		}
		if (i % 5 == 0)
			kill(child, SIGKILL);
		if (i % 7 == 0) {
			kill(child, SIGSTOP);
			kill(child, SIGCONT);
		}
		waitpid(child, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(what, "filters"))
		filters();
	else if (!strcmp(what, "descriptors"))
		descriptors();
	else if (!strcmp(what, "arguments"))
		arguments();
	else if (!strcmp(what, "undumpable"))
		undumpable();
	else if (!strcmp(what, "race"))
		race();
	else if (!strcmp(what, "storm"))
		storm();
	else
		return 64;
	return 0;
}
