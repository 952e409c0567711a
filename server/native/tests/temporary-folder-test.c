/* Makes and removes what several tests need on the disk. */
#include "tests/temporary-folder-test.h"

#include "base/cleanup.h"
#include "base/text-file.h"
#include "tests/native-test.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void make_temporary_folder(char out[PATH_BYTES])
{
	strcpy(out, "/tmp/ebuild-audit-test-XXXXXX");
	CHECK(mkdtemp(out) != NULL);
}

void remove_temporary_folder(const char *folder)
{
	CHECK(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

void make_folder(const char *folder, const char *name, char out[PATH_BYTES])
{
	snprintf(out, PATH_BYTES, "%.2000s/%.1000s", folder, name);
	CHECK(mkdir(out, 0755) == 0);
}

void put_file(const char *folder, const char *name, const char *text)
{
	char path[PATH_BYTES];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	AUTO_CLOSE_FILE FILE *file = fopen(path, "w");
	CHECK(file != NULL);
	if (file)
		fputs(text, file);
}

bool file_holds(const char *folder, const char *name, const char *text)
{
	char path[PATH_BYTES], found[256] = "";
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return read_text(AT_FDCWD, path, found, sizeof found) >= 0 && strcmp(found, text) == 0;
}
