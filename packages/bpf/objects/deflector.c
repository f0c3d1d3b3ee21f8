/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Refuses writes to executables, and execution from file systems that can be written; each when it is asked to. */
#include "lsmkit.h"

enum rule { RULE_WRITE_EXECUTABLE = 1, RULE_EXEC_WRITABLE = 2 };

/* Rules in force: changed from outside while the programs run. */
u32 rules = RULE_WRITE_EXECUTABLE;

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, u32);
  __type(value, u64);
} denials SEC(".maps");

static void count(enum rule rule)
{
  u32 key = rule;
  u64 *seen = bpf_map_lookup_elem(&denials, &key);
  if (seen) {
    __sync_fetch_and_add(seen, 1);
    return;
  }
  u64 first = 1;
  bpf_map_update_elem(&denials, &key, &first, 0);
}

SEC("lsm/file_open")
int deflect_open(u64 *ctx)
{
  struct file *file = (struct file *)ctx[0];
  int before = (int)ctx[1];
  if (before)
    return before;
  if (!(rules & RULE_WRITE_EXECUTABLE) || !(file->f_mode & FMODE_WRITE))
    return 0;
  u16 mode = file->f_inode->i_mode;
  if ((mode & S_IFMT) != S_IFREG || !(mode & S_IXUGO))
    return 0;
  count(RULE_WRITE_EXECUTABLE);
  return -EPERM;
}

SEC("lsm/bprm_check_security")
int deflect_exec(u64 *ctx)
{
  struct linux_binprm *bprm = (struct linux_binprm *)ctx[0];
  int before = (int)ctx[1];
  if (before)
    return before;
  if (!(rules & RULE_EXEC_WRITABLE))
    return 0;
  struct vfsmount *mnt = bprm->file->f_path.mnt;
  if (mnt->mnt_flags & MNT_READONLY)
    return 0;
  if (mnt->mnt_sb->s_flags & SB_RDONLY)
    return 0;
  count(RULE_EXEC_WRITABLE);
  return -EACCES;
}

LICENSE;
