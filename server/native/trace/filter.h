/* The seccomp filter: which calls stop for the supervisor. */
#ifndef EBUILD_AUDIT_FILTER_H
#define EBUILD_AUDIT_FILTER_H

#include <stddef.h>
#include <stdint.h>

struct sock_filter;
#define FILTER_LIMIT 2048
/* Writes the BPF program into `out` (FILTER_LIMIT entries); returns its length. */
size_t build_filter(struct sock_filter *out, uint32_t pass);
/*
 * Installs the filter on the calling thread and returns the listener, or -1 with errno. A sendmsg with the secret `pass` in the
 * upper half of its flags is let through: it is how the listener itself leaves the sandbox.
 */
int install_filter(uint32_t pass);

#endif
