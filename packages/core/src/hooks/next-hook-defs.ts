/**
 * The profile `next`: what the kernel's development tree has after 7.3, as differences from the table of 7.3. 280 hooks.
 * Parameters follow the patches as published; no recorded table holds them yet.
 */
import type { Cred, Dentry, Inode, MntIdmap } from '../objects/index.ts'
import { int, madeOnce, nil } from './definition.ts'
import type { HookOf, KeyOf } from './hook-types.ts'
import { linux73HookDefs } from './release-hook-defs.ts'

/** `struct ns_common` and `struct nsset`, as far as a hook sees them. */
export interface NsCommon {
  readonly ns_type: number
  readonly inum: number
}
export interface Nsset {
  readonly flags: number
  readonly cred: Cred
}

export const nextHookDefs = madeOnce(() => ({
  ...linux73HookDefs(),

  // mount id maps, namespaces
  inode_permission: int<[idmap: MntIdmap, inode: Inode, mask: number]>('struct mnt_idmap *idmap, struct inode *inode, int mask', { category: 'inode', privateGuard: true }),
  inode_create: int<[idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number]>('struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode', { category: 'inode', privateGuard: true, bpf: 's' }),
  inode_link: int<[idmap: MntIdmap, old_dentry: Dentry, dir: Inode, new_dentry: Dentry]>('struct mnt_idmap *idmap, struct dentry *old_dentry, struct inode *dir, struct dentry *new_dentry', { category: 'inode', privateGuard: true }),
  inode_symlink: int<[idmap: MntIdmap, dir: Inode, dentry: Dentry, old_name: string]>('struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry, const char *old_name', { category: 'inode', privateGuard: true, bpf: 's' }),
  inode_mkdir: int<[idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number]>('struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode', { category: 'inode', privateGuard: true }),
  inode_mknod: int<[idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number, dev: number]>('struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode, dev_t dev', { category: 'inode', privateGuard: true, bpf: 's' }),
  namespace_init: int<[ns: NsCommon]>('struct ns_common *ns', { category: 'namespace', bpf: 's' }),
  namespace_free: nil<[ns: NsCommon]>('struct ns_common *ns', { category: 'namespace' }),
  namespace_install: int<[nsset: Nsset, ns: NsCommon]>('const struct nsset *nsset, struct ns_common *ns', { category: 'namespace', bpf: 's' }),
}))

type Defs = ReturnType<typeof nextHookDefs>

export type NextHookName = keyof Defs
export type NextHookMap = { readonly [N in keyof Defs]: HookOf<Defs[N]> }
export type NextKeyMap = { readonly [N in keyof Defs]: KeyOf<Defs[N]> }
