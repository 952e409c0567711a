/* `run`, the part outside the sandbox. */
#ifndef EBUILD_AUDIT_RUN_H
#define EBUILD_AUDIT_RUN_H

/* Takes the arguments of `run` (docs/trace-format.md); returns the exit code, which tells of the arguments alone. */
int run_main(int argc, char **argv);

#endif
