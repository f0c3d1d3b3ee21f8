/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Forgets to look whether the map has an entry: the verifier refuses it, and the console shows where. */
#include "../../../packages/bpf/objects/lsmkit.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 64);
  __type(key, u32);
  __type(value, u64);
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
