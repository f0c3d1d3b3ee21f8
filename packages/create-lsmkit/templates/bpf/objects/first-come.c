/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A file belongs to whoever opens it first, and nobody else may open it. Root may. */
#include "lsmkit.h"

/* State on every inode, made when it is first asked for and gone with the inode. */
struct owner {
  u32 uid;
};

struct {
  __uint(type, BPF_MAP_TYPE_INODE_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct owner);
} owners SEC(".maps");

/* How often each user was refused: read from outside. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, u32);
  __type(value, u64);
} refusals SEC(".maps");

static void count(u32 uid)
{
  u64 *seen = bpf_map_lookup_elem(&refusals, &uid);
  if (seen) {
    __sync_fetch_and_add(seen, 1);
    return;
  }
  u64 first = 1;
  bpf_map_update_elem(&refusals, &uid, &first, 0);
}

SEC("lsm/file_open")
int first_come(u64 *ctx)
{
  struct file *file = (struct file *)ctx[0];
  int before = (int)ctx[1]; /* what the program before this one answered */
  if (before)
    return before;
  u32 uid = (u32)bpf_get_current_uid_gid();
  if (uid == 0 || (file->f_inode->i_mode & S_IFMT) != S_IFREG)
    return 0;
  struct owner first = { .uid = uid };
  struct owner *owner = bpf_inode_storage_get(&owners, file->f_inode, &first, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (!owner)
    return -EACCES;
  if (owner->uid == uid)
    return 0;
  count(uid);
  return -EACCES;
}

LICENSE;
