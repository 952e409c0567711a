/* `exec`, the first program inside the sandbox. */
#ifndef EBUILD_AUDIT_STAGE_H
#define EBUILD_AUDIT_STAGE_H

/* Takes the arguments of `exec` (docs/trace-format.md), and returns only when they make no sense. */
int stage_main(int argc, char **argv);

#endif
