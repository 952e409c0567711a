/* The namespaces of a run outside the sandbox. */
#ifndef EBUILD_AUDIT_NAMESPACES_H
#define EBUILD_AUDIT_NAMESPACES_H

#include "base/failure.h"

/*
 * Moves this process into a mount namespace of its own, and an ordinary user into a user namespace too, as its uid 0
 * (user_namespaces(7)). When it returns false, `failure` says why.
 */
bool enter_namespaces(bool is_root, struct failure *failure);

#endif
