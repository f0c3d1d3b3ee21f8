/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Refuses to open for writing what anybody may execute, and counts what it refused. */
#include "lsmkit.h"

u64 refused;

SEC("lsm/file_open")
int no_exec_writable(u64 *ctx)
{
  struct file *file = (struct file *)ctx[0];
  int before = (int)ctx[1];
  if (before)
    return before;
  if (!(file->f_mode & FMODE_WRITE) || !(file->f_inode->i_mode & 0001))
    return 0;
  __sync_fetch_and_add(&refused, 1);
  return -EPERM;
}

LICENSE;
