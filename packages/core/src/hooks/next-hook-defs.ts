/**
 * The profile `next`: what the kernel's development tree has after 6.12 (6.13 to early 7.0), as differences from the table
 * of 6.12. 280 hooks. Parameters follow the patches as published; no recorded table holds them yet.
 */
import { EOPNOTSUPP } from '@lsmkit/abi'
import type {
  BpfAttr, BpfMap, BpfProg, BpfToken, Cred, Dentry, Inode, KernIpcPerm, MntIdmap, Path, Qstr, Sock, Task,
} from '../objects/index.ts'
import type { Ref } from '../objects/ref.ts'
import { hookDefs } from './hook-defs.ts'
import { int, nil } from './hook-types.ts'
import type { HookOf, KeyOf } from './hook-types.ts'

/** `struct lsm_prop` (6.13): one security id for each LSM that has them, instead of one for all. */
export interface LsmProp {
  selinux: { secid: number }
  smack: { skp: object | null }
  apparmor: { label: object | null }
  bpf: { secid: number }
}

/** `struct lsm_context` (6.14): a context and who made it, who alone may release it. */
export interface LsmContextText {
  context: string | null
  len: number
  id: number
}

/** `struct file_kattr` (6.17): what chattr(1) reads and writes. */
export interface FileKattr {
  flags: number
  fsx_xflags: number
  fsx_extsize: number
  fsx_nextents: number
  fsx_projid: number
  fsx_cowextsize: number
}

/** `struct ns_common` and `struct nsset`, as far as a hook sees them. */
export interface NsCommon {
  readonly ns_type: number
  readonly inum: number
}
export interface Nsset {
  readonly flags: number
  readonly cred: Cred
}

const {
  inode_getsecid: _inode, current_getsecid_subj: _current, task_getsecid_obj: _task, ipc_getsecid: _ipc, ...kept
} = hookDefs

export const nextHookDefs = {
  ...kept,

  // 6.13: lsm_prop where one secid stood for all LSMs
  inode_getlsmprop: nil<[inode: Inode, prop: LsmProp]>('struct inode *inode, struct lsm_prop *prop', { category: 'inode' }),
  current_getlsmprop_subj: nil<[prop: LsmProp]>('struct lsm_prop *prop', { category: 'task', presets: true }),
  task_getlsmprop_obj: nil<[p: Task, prop: LsmProp]>('struct task_struct *p, struct lsm_prop *prop', { category: 'task', presets: true }),
  ipc_getlsmprop: nil<[ipcp: KernIpcPerm, prop: LsmProp]>('struct kern_ipc_perm *ipcp, struct lsm_prop *prop', { category: 'ipc', presets: true }),
  cred_getlsmprop: nil<[c: Cred, prop: LsmProp]>('const struct cred *c, struct lsm_prop *prop', { category: 'cred', presets: true }),
  lsmprop_to_secctx: int<[prop: LsmProp, cp: LsmContextText]>('struct lsm_prop *prop, struct lsm_context *cp', { default: -EOPNOTSUPP, positive: true, category: 'secctx' }),
  audit_rule_match: int<[prop: LsmProp, field: number, op: number, lsmrule: object]>('struct lsm_prop *prop, u32 field, u32 op, void *lsmrule', { positive: true, category: 'audit', bpf: 'd' }),

  // 6.14: lsm_context where text and length stood
  dentry_init_security: int<[dentry: Dentry, mode: number, name: Qstr, xattr_name: Ref<string | null>, cp: LsmContextText]>('struct dentry *dentry, int mode, const struct qstr *name, const char **xattr_name, struct lsm_context *cp', { default: -EOPNOTSUPP, category: 'dentry' }),
  secid_to_secctx: int<[secid: number, cp: LsmContextText]>('u32 secid, struct lsm_context *cp', { default: -EOPNOTSUPP, category: 'secctx' }),
  release_secctx: nil<[cp: LsmContextText]>('struct lsm_context *cp', { category: 'secctx', bpf: 's' }),
  inode_getsecctx: int<[inode: Inode, cp: LsmContextText]>('struct inode *inode, struct lsm_context *cp', { default: -EOPNOTSUPP, category: 'inode' }),

  // 6.15
  uring_allowed: int<[]>('', { category: 'io_uring' }),
  bpf: int<[cmd: number, attr: BpfAttr, size: number, kernel: boolean]>('int cmd, union bpf_attr *attr, unsigned int size, bool kernel', { category: 'bpf', bpf: 's' }),
  bpf_map_create: int<[map: BpfMap, attr: BpfAttr, token: BpfToken | null, kernel: boolean]>('struct bpf_map *map, union bpf_attr *attr, struct bpf_token *token, bool kernel', { category: 'bpf', bpf: 's' }),
  bpf_prog_load: int<[prog: BpfProg, attr: BpfAttr, token: BpfToken | null, kernel: boolean]>('struct bpf_prog *prog, union bpf_attr *attr, struct bpf_token *token, bool kernel', { category: 'bpf', bpf: 's' }),

  // 6.17
  inode_file_setattr: int<[dentry: Dentry, fa: FileKattr]>('struct dentry *dentry, struct file_kattr *fa', { category: 'inode' }),
  inode_file_getattr: int<[dentry: Dentry, fa: FileKattr]>('struct dentry *dentry, struct file_kattr *fa', { category: 'inode' }),

  // development tree: mount id maps, lists that add up, namespaces
  inode_permission: int<[idmap: MntIdmap, inode: Inode, mask: number]>('struct mnt_idmap *idmap, struct inode *inode, int mask', { category: 'inode', privateGuard: true }),
  inode_create: int<[idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number]>('struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode', { category: 'inode', privateGuard: true, bpf: 's' }),
  inode_link: int<[idmap: MntIdmap, old_dentry: Dentry, dir: Inode, new_dentry: Dentry]>('struct mnt_idmap *idmap, struct dentry *old_dentry, struct inode *dir, struct dentry *new_dentry', { category: 'inode', privateGuard: true }),
  inode_symlink: int<[idmap: MntIdmap, dir: Inode, dentry: Dentry, old_name: string]>('struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry, const char *old_name', { category: 'inode', privateGuard: true, bpf: 's' }),
  inode_mkdir: int<[idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number]>('struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode', { category: 'inode', privateGuard: true }),
  inode_mknod: int<[idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number, dev: number]>('struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode, dev_t dev', { category: 'inode', privateGuard: true, bpf: 's' }),
  inode_listsecurity: int<[inode: Inode, buffer: Ref<string>, remaining_size: Ref<number>]>('struct inode *inode, char **buffer, ssize_t *remaining_size', { positive: true, category: 'inode', privateGuard: true, bpf: 'd' }),
  namespace_init: int<[ns: NsCommon]>('struct ns_common *ns', { category: 'namespace', bpf: 's' }),
  namespace_free: nil<[ns: NsCommon]>('struct ns_common *ns', { category: 'namespace' }),
  namespace_install: int<[nsset: Nsset, ns: NsCommon]>('const struct nsset *nsset, struct ns_common *ns', { category: 'namespace', bpf: 's' }),
  unix_find: int<[path: Path, other: Sock, flags: number]>('const struct path *path, struct sock *other, int flags', { category: 'socket' }),
}

export type NextHookName = keyof typeof nextHookDefs
export type NextHookMap = { readonly [N in keyof typeof nextHookDefs]: HookOf<(typeof nextHookDefs)[N]> }
export type NextKeyMap = { readonly [N in keyof typeof nextHookDefs]: KeyOf<(typeof nextHookDefs)[N]> }
