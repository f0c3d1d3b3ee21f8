/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Forgets to look whether the map has an entry: the verifier refuses it, and the console shows where. */
#include "../../../packages/bpf/objects/lsmkit.h"

struct {
  NUMBER(type, BPF_MAP_TYPE_HASH);
  NUMBER(max_entries, 64);
  TYPE(key, u32);
  TYPE(value, u64);
} opens SEC(".maps");

SEC("lsm/file_open")
int count_open(u64 *ctx)
{
  u32 key = 1;
  u64 *seen = bpf_map_lookup_elem(&opens, &key);
  *seen += 1;
  return 0;
}

LICENSE;
