/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Refuses to open anything for writing: the smallest program that decides. */
#include "lsmkit.h"

SEC("lsm/file_open")
int BPF_PROG(no_writes, struct file *file, int before)
{
  if (before)
    return before;
  return file->f_mode & FMODE_WRITE ? -EPERM : 0;
}

LICENSE;
