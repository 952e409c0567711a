/* What every sandbox refuses, traced or not. */
#ifndef EBUILD_AUDIT_FENCE_H
#define EBUILD_AUDIT_FENCE_H

#include <stdbool.h>
#include <stddef.h>

struct sock_filter;
#define FENCE_LIMIT 96
/* Writes the BPF program into `out` (FENCE_LIMIT entries); returns its length. */
size_t build_fence(struct sock_filter *out);
/* Puts the fence around the calling thread and its children, for ever. Returns false with errno when it cannot. */
bool install_fence(void);

#endif
