/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Leaves to its loader what a loader settles: variables, the size of a map, inner maps, the hook of a program. */
#include "lsmkit.h"

enum mode { MODE_WATCH, MODE_DENY = 7 };

struct limits {
  u32 uid;
  bool strict;
  struct { u64 bytes; };
};

const volatile bool enabled = 1;
const volatile enum mode mode = MODE_WATCH;
const volatile s32 least = -1;
const volatile u64 mask = 0;
const volatile char label[16] = "none";
const volatile u32 uids[4] = {};
const volatile u8 key[4] = {};
const volatile struct limits limits = {};
u32 seen;

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __type(key, u32);
  __type(value, u64);
} sized_later SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, 2);
  __type(key, u32);
  __type(value, u32);
} rules SEC(".maps");

static __attribute__((noinline)) int decide(u32 uid)
{
  u32 zero = 0;
  void *inner = bpf_map_lookup_elem(&rules, &zero);
  u64 *limit = inner ? bpf_map_lookup_elem(inner, &zero) : 0;
  u64 *count = bpf_map_lookup_elem(&sized_later, &uid);
  seen++;
  if (!enabled || mode != MODE_DENY || label[0] == 'n' || least < 0 || key[3] != 4)
    return 0;
  if (uid != uids[1] && uid != limits.uid)
    return 0;
  if (limit && count)
    return 0;
  return mask && limits.bytes ? -EPERM : 0;
}

SEC("lsm/generic")
int generic(u64 *ctx)
{
  return decide((u32)bpf_get_current_uid_gid());
}

SEC("lsm")
int anywhere(u64 *ctx)
{
  return decide((u32)bpf_get_current_uid_gid());
}

LICENSE;
