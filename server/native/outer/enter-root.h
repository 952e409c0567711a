/* The start of a trial on a worker that only changes to the folder of its action. */
#ifndef EBUILD_AUDIT_ENTER_ROOT_H
#define EBUILD_AUDIT_ENTER_ROOT_H

#include "base/failure.h"

/*
 * Makes the working directory the root folder of this process, in namespaces of its own, with the /proc, /dev and /sys of before and an
 * empty /tmp and /run, and with folders that only their owner can write to. An ordinary user keeps uid and gid. Does nothing if it is the root folder already. When it returns false,
 * `failure` says why.
 */
bool enter_root(struct failure *failure);

/* `enter PROGRAM ARGUMENT…`: enters the root and becomes the program, an absolute path in it. Returns an exit status if it cannot. */
int enter_root_main(int argc, char **argv);

#endif
