/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Goes up from the name of the file that is opened, as many directories as it is told. */
#include "lsmkit.h"

#define MOST 32

/* dentry with the member that lsmkit.h leaves out. */
struct dentry___up {
  struct inode *d_inode;
  struct dentry___up *d_parent;
} __attribute__((preserve_access_index));

u32 levels = MOST;
u32 seen;

SEC("lsm/file_open")
int walk(u64 *ctx)
{
  struct file *file = (struct file *)ctx[0];
  struct dentry___up *at = (void *)file->f_path.dentry;
  for (u32 i = 0; i < MOST; i++) {
    if (i >= levels)
      break;
    at = at->d_parent;
  }
  seen += at->d_inode->i_mode;
  return 0;
}

LICENSE;
