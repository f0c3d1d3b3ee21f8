/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counts opens by task and by inode, in storage that goes with them. */
#include "lsmkit.h"

struct task_struct { int pid; } __attribute__((preserve_access_index));

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, u64);
} by_task SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_INODE_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, u64);
} by_inode SEC(".maps");

SEC("lsm/file_open")
int count(u64 *ctx)
{
  struct file *file = (struct file *)ctx[0];
  u64 *opens = bpf_task_storage_get(&by_task, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (opens)
    (*opens)++;
  opens = bpf_inode_storage_get(&by_inode, file->f_inode, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (opens)
    (*opens)++;
  return 0;
}

LICENSE;
