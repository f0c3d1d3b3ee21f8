/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is seldom met: maps of before BTF, struct_ops, an arena, an exception's callback, tracing programs. Tests open it. */
#include "lsmkit.h"

struct bpf_map_def {
  u32 type;
  u32 key_size;
  u32 value_size;
  u32 max_entries;
  u32 map_flags;
};

struct bpf_map_def old_counts SEC("maps") = {
  .type = BPF_MAP_TYPE_HASH,
  .key_size = 4,
  .value_size = 8,
  .max_entries = 10,
};

struct bpf_map_def old_list SEC("maps") = {
  .type = BPF_MAP_TYPE_ARRAY,
  .key_size = 4,
  .value_size = 16,
  .max_entries = 2,
};

struct {
  __uint(type, 33);
  __uint(map_flags, 0x400);
  __uint(max_entries, 4);
} pages SEC(".maps");

#define __arena __attribute__((address_space(1)))
int __arena shared_word = 77;

struct inode_operations {
  int (*permission)(struct inode *inode, int mask);
  int (*unlink)(struct inode *inode);
} __attribute__((preserve_access_index));

SEC("struct_ops/permission")
int answer_permission(u64 *ctx)
{
  return 0;
}

SEC(".struct_ops")
struct inode_operations replaced = {
  .permission = (void *)answer_permission,
};

__attribute__((noinline)) int cleanup(u64 cookie)
{
  return (int)cookie;
}

SEC("fmod_ret/security_file_open")
__attribute__((btf_decl_tag("exception_callback:cleanup"))) int before_all(u64 *ctx)
{
  u32 key = 1;
  u64 *seen = bpf_map_lookup_elem(&old_counts, &key);
  if (seen)
    *seen += 1;
  return bpf_map_lookup_elem(&old_list, &key) ? 0 : -EPERM;
}

SEC("fexit.s/bpf_lsm_file_open")
int after_all(u64 *ctx)
{
  return 0;
}

SEC("kprobe/ksys_read")
int probed(void *ctx)
{
  shared_word++;
  return 0;
}

SEC("no_such_section")
int nowhere(void *ctx)
{
  return 0;
}

LICENSE;
