/* Reads this process as if it were a traced one. */
#include "base/cleanup.h"
#include "base/open.h"
#include "tests/native-test.h"
#include "tests/temporary-folder-test.h"
#include "trace/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

void test_remote(void)
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
	AUTO_CLOSE int folder = open("/usr", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(remote_absolute(getpid(), folder, "b", whole) == 6 && strcmp(whole, "/usr/b") == 0);
	CHECK(remote_absolute(getpid(), folder, "", whole) == 4 && strcmp(whole, "/usr") == 0);
	AUTO_CLOSE int reading = -1;
	AUTO_CLOSE int writing = -1;
	CHECK(open_pipe(&reading, &writing, 0) && remote_absolute(getpid(), reading, "b", whole) == -ENOENT);
	CHECK(remote_absolute(getpid(), 9999, "b", whole) == -ENOENT);
	/* Memory that the kernel reads and a stranger does not is no hole. */
	map[4095] = '\0';
	CHECK(mprotect(map, 4096, PROT_WRITE) == 0);
	CHECK(remote_string(getpid(), (uintptr_t)(map + 4090), out, sizeof out) == -EPERM);
	CHECK(remote_read(getpid(), (uintptr_t)map, out, 8) == -EPERM);
	munmap(map, 4096);
	/* A folder deeper than the kernel can tell. */
	char deep[PATH_BYTES], name[200];
	int levels = 0;
	AUTO_CLOSE int home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	make_temporary_folder(deep);
	memset(name, 'd', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	CHECK(chdir(deep) == 0);
	while (levels < 25 && mkdir(name, 0755) == 0 && chdir(name) == 0)
		levels++;
	CHECK(remote_absolute(getpid(), AT_FDCWD, "x", whole) == -EPERM);
	for (; levels > 0; levels--)
		CHECK(chdir("..") == 0 && rmdir(name) == 0);
	CHECK(fchdir(home) == 0);
	remove_temporary_folder(deep);
}
