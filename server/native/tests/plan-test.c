/* Reads plans that are cut, and plans that make no sense. */
#include "base/cleanup.h"
#include "base/open.h"
#include "tests/native-test.h"
#include "view/layered-folders.h"
#include "view/plan.h"

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
		AUTO_CLOSE int reading = -1;
		AUTO_CLOSE int writing = -1;
		struct plan plan;
		CHECK(open_pipe(&reading, &writing, 0) && write(writing, cases[i].bytes, cases[i].length) == (ssize_t)cases[i].length);
		close_descriptor(&writing);
		bool whole = plan_read(&plan, reading);
		CHECK(whole == cases[i].whole);
		size_t offset = 0, count = 0;
		while (whole && plan_next(&plan, &offset))
			count++;
		CHECK(count == cases[i].records);
		plan_free(&plan);
	}
}

static void test_records(void)
{
	/* Layered folders that make no sense are refused before anything is mounted. */
	static const char *const bad[] = {"x", "k/w\0x", "d/l\0x", "k/w\0d/l", "k/w\0d/l\0t755\0x"};
	static const size_t lengths[] = {2, 6, 6, 8, 15};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct failure failure = {0};
		struct view view = {.staging = "/nowhere", .failure = &failure};
		struct plan plan = {.bytes = (char *)bad[i], .length = lengths[i]};
		size_t offset = 0;
		CHECK(!make_layered(&view, "/u", false, &plan, &offset));
		CHECK(strcmp(failure.step, "view") == 0 && strcmp(failure.detail, "/u") == 0);
	}
}

void test_plans(void)
{
	test_plan();
	test_records();
}
