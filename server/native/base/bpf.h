/* Words of which seccomp filters are put together (bpf(4), seccomp(2)). */
#ifndef EBUILD_AUDIT_BPF_H
#define EBUILD_AUDIT_BPF_H

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#define X32_BIT 0x40000000u
#define STATEMENT(code, k) ((struct sock_filter)BPF_STMT(code, k))
#define JUMP(code, k, yes, no) ((struct sock_filter)BPF_JUMP(code, k, yes, no))
#define LOAD(offset) STATEMENT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset))
#define ANSWER(value) STATEMENT(BPF_RET | BPF_K, value)

/* Every architecture of interest is little-endian: the low half of an argument comes first. */
#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + 8 * (size_t)(n))

#endif
