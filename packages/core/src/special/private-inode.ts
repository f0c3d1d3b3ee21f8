/**
 * Private inodes (S_PRIVATE: anonymous inodes, a file system's own) are none of the LSMs' business. One line a hook:
 * which inode security.c looks at. The gate says 0 for one that is not private; two hooks have another default to say.
 */
import { EOPNOTSUPP, S_PRIVATE } from '@lsmkit/abi'
import type { HookMap } from '../hooks/hook-defs.ts'
import type { HookName } from '../hooks/hook-defs.ts'
import type { HookFn } from '../hooks/hook-types.ts'
import type { Dentry, Inode } from '../objects/fs.ts'
import type { NextHookMap } from '../hooks/next-hook-defs.ts'
import type { Shape } from './shape.ts'

// a constant of this module is folded into the hooks; what is imported is read at each of them
const PRIVATE = S_PRIVATE

/** A negative dentry, which the kernel would fall over, is not private. */
const isPrivate = (inode: Inode | null): number => (inode === null ? 0 : inode.i_flags & PRIVATE)

type Gates<M> = { readonly [N in keyof M]?: M[N] extends (...args: infer A) => number ? (...args: A) => number : never }

const gates: Gates<HookMap> = {
  path_unlink: (dir) => isPrivate(dir.dentry.d_inode),
  path_mkdir: (dir) => isPrivate(dir.dentry.d_inode),
  path_rmdir: (dir) => isPrivate(dir.dentry.d_inode),
  path_mknod: (dir) => isPrivate(dir.dentry.d_inode),
  path_truncate: (path) => isPrivate(path.dentry.d_inode),
  path_symlink: (dir) => isPrivate(dir.dentry.d_inode),
  path_link: (old_dentry) => isPrivate(old_dentry.d_inode),
  path_rename: (_old_dir, old_dentry, _new_dir, new_dentry) =>
    isPrivate(old_dentry.d_inode) | isPrivate(new_dentry.d_inode),
  path_chmod: (path) => isPrivate(path.dentry.d_inode),
  path_chown: (path) => isPrivate(path.dentry.d_inode),
  inode_create: (dir) => dir.i_flags & PRIVATE,
  inode_link: (old_dentry) => isPrivate(old_dentry.d_inode),
  inode_unlink: (_dir, dentry) => isPrivate(dentry.d_inode),
  inode_symlink: (dir) => dir.i_flags & PRIVATE,
  inode_mkdir: (dir) => dir.i_flags & PRIVATE,
  inode_rmdir: (_dir, dentry) => isPrivate(dentry.d_inode),
  inode_mknod: (dir) => dir.i_flags & PRIVATE,
  inode_readlink: (dentry) => isPrivate(dentry.d_inode),
  inode_follow_link: (_dentry, inode) => inode.i_flags & PRIVATE,
  inode_permission: (inode) => inode.i_flags & PRIVATE,
  inode_setattr: (_idmap, dentry) => isPrivate(dentry.d_inode),
  inode_getattr: (path) => isPrivate(path.dentry.d_inode),
  inode_getxattr: (dentry) => isPrivate(dentry.d_inode),
  inode_listxattr: (dentry) => isPrivate(dentry.d_inode),
  inode_set_acl: (_idmap, dentry) => isPrivate(dentry.d_inode),
  inode_get_acl: (_idmap, dentry) => isPrivate(dentry.d_inode),
  inode_remove_acl: (_idmap, dentry) => isPrivate(dentry.d_inode),
  inode_getsecurity: (_idmap, inode) => (inode.i_flags & PRIVATE) - EOPNOTSUPP,
  inode_setsecurity: (inode) => (inode.i_flags & PRIVATE) - EOPNOTSUPP,
  inode_listsecurity: (inode) => inode.i_flags & PRIVATE,
}

/** Where the development tree put an id map in front. */
const nextGates: Gates<NextHookMap> = {
  inode_create: (_idmap, dir) => dir.i_flags & PRIVATE,
  inode_link: (_idmap, old_dentry) => isPrivate(old_dentry.d_inode),
  inode_symlink: (_idmap, dir) => dir.i_flags & PRIVATE,
  inode_mkdir: (_idmap, dir) => dir.i_flags & PRIVATE,
  inode_mknod: (_idmap, dir) => dir.i_flags & PRIVATE,
  inode_permission: (_idmap, inode) => inode.i_flags & PRIVATE,
}

/** Every one of them answers for a private inode as nobody would: with the hook's default. */
const gated = (table: object): Record<string, Shape> =>
  Object.fromEntries(
    Object.entries(table as Record<string, HookFn>).map(([hook, fn]) => [
      hook,
      { gate: { fn, verdict: (slot) => slot.def.default } } satisfies Shape,
    ]),
  )

/** Void hooks have no answer to stop a chain with: the framework function stands around it. */
type Around = (chain: HookFn) => HookFn

const onSecond: Around = (chain) => function (this: unknown, idmap: unknown, dentry: Dentry, extra: unknown) {
  if (isPrivate(dentry.d_inode) === 0) chain.call(this, idmap, dentry, extra)
}
const onFirst: Around = (chain) =>
  function (this: unknown, dentry: Dentry, b: unknown, c: unknown, d: unknown, e: unknown) {
    if (isPrivate(dentry.d_inode) === 0) chain.call(this, dentry, b, c, d, e)
  }

const toldShapes: { readonly [N in HookName]?: Shape } = {
  path_post_mknod: { around: onSecond },
  inode_post_create_tmpfile: {
    around: (chain) => function (this: unknown, idmap: unknown, inode: Inode) {
      if (isPrivate(inode) === 0) chain.call(this, idmap, inode)
    },
  },
  inode_post_setattr: { around: onSecond },
  inode_post_setxattr: { around: onFirst },
  inode_post_removexattr: { around: onFirst },
  inode_post_set_acl: { around: onFirst },
  inode_post_remove_acl: { around: onSecond },
  d_instantiate: {
    around: (chain) => function (this: unknown, dentry: Dentry, inode: Inode | null) {
      if (isPrivate(inode) === 0) chain.call(this, dentry, inode)
    },
  },
}

export const privateInodeShapes: Readonly<Record<string, Shape>> = { ...gated(gates), ...toldShapes }
export const nextPrivateInodeShapes: Readonly<Record<string, Shape>> = gated(nextGates)
