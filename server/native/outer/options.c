/* Parses the arguments of `run`, which the Node side writes (server/src/sandbox/bubblewrap.ts). */
#include "outer/options.h"

#include <getopt.h>
#include <stdlib.h>

bool parse_run_options(int argc, char **argv, struct run_options *options)
{
	enum { STAGING = 1, STAGING_OPTIONS, BWRAP, EVENTS, CONTROL, DROP, TRACE, LIMIT, WRITABLE };
	static const struct option known[] = {
		{"staging", required_argument, NULL, STAGING}, {"staging-options", required_argument, NULL, STAGING_OPTIONS},
		{"bwrap", required_argument, NULL, BWRAP},     {"events", required_argument, NULL, EVENTS},
		{"control", required_argument, NULL, CONTROL}, {"drop-to", required_argument, NULL, DROP},
		{"trace", no_argument, NULL, TRACE},           {"limit", required_argument, NULL, LIMIT},
		{"writable", required_argument, NULL, WRITABLE}, {0},
	};
	*options = (struct run_options){.bwrap = "bwrap", .events = -1, .control = -1};
	options->folders = calloc((size_t)argc + 1, sizeof *options->folders);
	if (!options->folders)
		return false;
	for (int option; (option = getopt_long(argc, argv, "+", known, NULL)) != -1;) {
		if (option == STAGING)
			options->staging = optarg;
		else if (option == STAGING_OPTIONS)
			options->staging_options = optarg;
		else if (option == BWRAP)
			options->bwrap = optarg;
		else if (option == EVENTS)
			options->events = atoi(optarg);
		else if (option == CONTROL)
			options->control = atoi(optarg);
		else if (option == DROP && parse_identity(optarg, &options->identity))
			options->drop = true;
		else if (option == TRACE)
			options->trace = true;
		else if (option == LIMIT && limits_parse(&options->limits, optarg))
			continue;
		else if (option == WRITABLE)
			options->folders[options->folder_count++] = optarg;
		else
			return false;
	}
	/* argv[optind - 1] is "--" and becomes bwrap's argv[0]. */
	if (optind >= argc || optind < 2 || !options->staging || options->events < 3 || options->control < 3)
		return false;
	options->arguments = argv + optind - 1;
	options->arguments[0] = (char *)"bwrap";
	return !options->drop || options->identity.uid != 0;
}
