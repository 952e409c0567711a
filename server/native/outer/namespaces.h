/* The namespaces of a run outside the sandbox, and of a worker. */
#ifndef EBUILD_AUDIT_NAMESPACES_H
#define EBUILD_AUDIT_NAMESPACES_H

#include "base/failure.h"
#include "base/identity.h"

/*
 * Moves this process into a mount namespace of its own, and into a user namespace too, where it is `inside` (user_namespaces(7)): for root,
 * which needs none, that is NULL. When it returns false, `failure` says why.
 */
bool enter_namespaces(const struct identity *inside, struct failure *failure);

#endif
