/* `prove`, the command of the self-test. */
#ifndef EBUILD_AUDIT_PROVE_H
#define EBUILD_AUDIT_PROVE_H

/* Takes a folder of the view; returns the exit code. */
int prove_main(int argc, char **argv);

#endif
