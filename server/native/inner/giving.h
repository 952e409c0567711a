/* What every sandbox pretends to have done, traced or not. */
#ifndef EBUILD_AUDIT_GIVING_H
#define EBUILD_AUDIT_GIVING_H

#include <stdbool.h>
#include <stddef.h>

struct sock_filter;
#define GIVING_LIMIT 224
/* Writes the BPF program into `out` (GIVING_LIMIT entries); returns its length. */
size_t build_giving(struct sock_filter *out);
/* Lets the calling thread and its children give files away in vain, for ever. Returns false with errno when it cannot. */
bool install_giving(void);

#endif
