/* Unit tests of the plan and the view. */
#include "native.h"
#include "native-test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_plan(void)
{
	static const struct {
		const char *bytes;
		size_t length, records;
		bool whole;
	} cases[] = {
		{"e\0", 2, 0, true},          {"oa\0hb\0x\0e\0", 10, 3, true}, {"oa\0hb\0", 6, 0, false}, {"", 0, 0, false},
		{"oa\0e", 4, 0, false},       {"\0e\0", 3, 1, true},           {"he\0e\0rest", 9, 1, true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int ends[2];
		struct plan plan;
		CHECK(pipe(ends) == 0 && write(ends[1], cases[i].bytes, cases[i].length) == (ssize_t)cases[i].length);
		close(ends[1]);
		bool whole = plan_read(&plan, ends[0]);
		CHECK(whole == cases[i].whole);
		size_t offset = 0, count = 0;
		while (whole && plan_next(&plan, &offset))
			count++;
		CHECK(count == cases[i].records);
		plan_free(&plan);
		close(ends[0]);
	}
}

static void test_words(void)
{
	static const char *const inner[] = {"a", "a/b", "..a/b..", ".a"};
	static const char *const outer[] = {"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b"};
	for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
		CHECK(is_inner_path(inner[i]));
	for (size_t i = 0; i < sizeof outer / sizeof *outer; i++)
		CHECK(!is_inner_path(outer[i]));
	uid_t uid;
	gid_t gid;
	CHECK(parse_identity("65534:65533", &uid, &gid) && uid == 65534 && gid == 65533);
	static const char *const bad[] = {"", ":", "1", "1:", ":1", "1:2x", "x:1", "-1:1", "4294967295:1", "99999999999999999999:1"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!parse_identity(bad[i], &uid, &gid));
}

void test_view(void)
{
	test_plan();
	test_words();
}
