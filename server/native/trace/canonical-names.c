/*
 * Tells what readlink(1) and realpath(1) look for. They call realpath(3) or its like, which the filter lets through (filter.c), and a script
 * may ask nothing but whether they find a file. So their arguments are told in place of their calls.
 */
#include "trace/canonical-names.h"

#include "trace/access-frame.h"
#include "trace/arguments.h"

#include <fcntl.h>
#include <string.h>

static bool is_one_of_them(const char *program)
{
	const char *name = strrchr(program, '/');
	name = name ? name + 1 : program;
	/* As on systems where the names without a letter are another implementation's. */
	if (name[0] == 'g')
		name++;
	return strcmp(name, "readlink") == 0 || strcmp(name, "realpath") == 0;
}

void canonical_names_begin(struct tracer *t)
{
	t->names.count = 0;
	t->names.are_wanted = is_one_of_them(t->absolute);
}

void canonical_names_keep(struct tracer *t, const char *argument)
{
	struct canonical_names *names = &t->names;
	if (!names->are_wanted || argument[0] == '-' || argument[0] == '\0' || names->count == MOST_CANONICAL)
		return;
	/* The working folder outlives the execution. */
	if (caller_absolute(t, AT_FDCWD, argument, names->paths[names->count]) > 0)
		names->count++;
}

void canonical_names_tell(struct tracer *t)
{
	for (size_t i = 0; i < t->names.count; i++)
		tell_look_up(t, t->names.paths[i]);
}
