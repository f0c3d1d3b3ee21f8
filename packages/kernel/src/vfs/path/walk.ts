/**
 * The path walk (link_path_walk of fs/namei.c), one component after another. It checks search permission on each
 * directory, follows symbolic links with a stack of the remaining paths, and crosses mounts.
 *
 * A step returns 0 (arrived), -errno, or the text of a link to walk next.
 */
import {
  EACCES, ECHILD, ELOOP, ENOENT, ENOTDIR, MAXSYMLINKS, MAY_EXEC, MAY_NOT_BLOCK, MNT_NOSYMFOLLOW, S_DEAD, S_IFLNK,
  S_IFMT, S_ISVTX, S_IWOTH, S_PRIVATE,
} from '@lsmkit/abi'
import { i_uid_into_vfsuid, INVALID_UID, isAlwaysBlocking } from '@lsmkit/core'
import type { Dentry, FsStruct, Inode, VfsMount } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import {
  LAST_DOT, LAST_DOTDOT, LAST_NORM, LAST_ROOT, LOOKUP_CACHED, LOOKUP_DIRECTORY, LOOKUP_FOLLOW, LOOKUP_NO_SYMLINKS,
  LOOKUP_PARENT, LOOKUP_RCU,
} from '../../state/vfs/lookup-flags.ts'
import { inodeState, superState } from '../../state/vfs/state.ts'
import { atime_needs_update, touch_atime } from '../atime.ts'
import { d_can_lookup, d_lookup, DCACHE_OP_REVALIDATE, d_alloc, d_invalidate } from '../dcache.ts'
import { follow_dotdot, handle_mounts } from '../mount-walk.ts'
import { nd_jump_link, nd_jump_root, ND_JUMPED, set_root, try_to_unlazy } from './nameidata.ts'
import type { Nameidata } from './nameidata.ts'
import { everybodyMaySearch, inode_permission } from './permission.ts'

/** WALK_TRAILING: the last component of the whole path. WALK_MORE: more follow. WALK_NOFOLLOW: do not follow a link. */
export const WALK_TRAILING = 1
const WALK_MORE = 2
const WALK_NOFOLLOW = 4

/** The remaining path after a link that is being followed: `name` from `at` on, then `rest`. */
interface Rest {
  readonly name: string
  readonly at: number
  readonly rest: Rest | null
}

/** The result of a step. */
export type Step = string | number

const SLASH = 0x2f
const DOT = 0x2e

/** The kind of the component that spans `start`..`end`. */
const lastType = (name: string, start: number, end: number): number => {
  if (name.charCodeAt(start) !== DOT) return LAST_NORM
  if (end === start + 1) return LAST_DOT
  return end === start + 2 && name.charCodeAt(start + 1) === DOT ? LAST_DOTDOT : LAST_NORM
}

const skipSlashes = (name: string, at: number): number => {
  while (name.charCodeAt(at) === SLASH) at++
  return at
}

const currentFs = (machine: Machine): FsStruct => machine.current.task.fs as FsStruct

export const revalidate = (dentry: Dentry, flags: number): number => {
  if ((dentry.d_flags & DCACHE_OP_REVALIDATE) === 0) return 1
  return superState(dentry.d_sb).s_op.d_revalidate?.(dentry, flags) ?? 1
}

/** As `lookup_slow`: looks up a name in the file system. A dentry or -errno. */
export const lookup_slow = (machine: Machine, parent: Dentry, name: string, flags: number): Dentry | number => {
  const dir = parent.d_inode as Inode
  if ((dir.i_flags & S_DEAD) !== 0) return -ENOENT
  const { lookup } = inodeState(dir).i_op
  if (lookup === null) return -ENOTDIR
  const dentry = d_alloc(machine, parent, name)
  const rc = lookup(dir, dentry, flags)
  return rc !== 0 ? rc : dentry
}

/** As `lookup_fast`: the cached name, null if it is not cached, or -errno. */
export const lookup_fast = (machine: Machine, nd: Nameidata): Dentry | number | null => {
  const dentry = d_lookup(nd.dentry as Dentry, nd.last)
  if (dentry === null) return (nd.flags & LOOKUP_RCU) !== 0 && !try_to_unlazy(nd) ? -ECHILD : null
  if ((dentry.d_flags & DCACHE_OP_REVALIDATE) === 0) return dentry
  let status = revalidate(dentry, nd.flags)
  if (status > 0) return dentry
  if ((nd.flags & LOOKUP_RCU) !== 0) {
    if (!try_to_unlazy(nd)) return -ECHILD
    if (status === -ECHILD) status = revalidate(dentry, nd.flags)
    if (status > 0) return dentry
  }
  if (status < 0) return status
  d_invalidate(machine, dentry)
  return null
}

/**
 * As `may_follow_link` (protected_symlinks): in a sticky world-writable directory only links of the caller or of the
 * directory's owner are followed. 0 or -errno.
 */
const may_follow_link = (machine: Machine, nd: Nameidata, inode: Inode): number => {
  if (machine.sysctl.protected_symlinks === 0) return 0
  const owner = i_uid_into_vfsuid((nd.mnt as VfsMount).mnt_idmap, inode)
  if (owner === machine.current.task.cred.fsuid) return 0
  if ((nd.dir_mode & (S_ISVTX | S_IWOTH)) !== (S_ISVTX | S_IWOTH)) return 0
  if (nd.dir_uid !== INVALID_UID && nd.dir_uid === owner) return 0
  return (nd.flags & LOOKUP_RCU) !== 0 ? -ECHILD : -EACCES
}

/** The text of a link, 0 if the walk has jumped to a place, or -errno. */
const linkBody = (nd: Nameidata, dentry: Dentry, inode: Inode): Step => {
  const state = inodeState(inode)
  const own = state.rare?.i_link ?? null
  if (own !== null) return own
  if ((nd.flags & LOOKUP_RCU) !== 0 && !try_to_unlazy(nd)) return -ECHILD
  const body = state.i_op.get_link === null ? -ENOENT : state.i_op.get_link(dentry, inode)
  return typeof body === 'object' ? nd_jump_link(nd, body) : body
}

const pick_link = (
  machine: Machine, nd: Nameidata, mnt: VfsMount, dentry: Dentry, inode: Inode, walk: number,
): Step => {
  if (nd.total_link_count++ >= MAXSYMLINKS) return -ELOOP
  nd.depth++
  if ((walk & WALK_TRAILING) !== 0) {
    const rc = may_follow_link(machine, nd, inode)
    if (rc !== 0) return rc
  }
  if ((nd.flags & LOOKUP_NO_SYMLINKS) !== 0 || (mnt.mnt_flags & MNT_NOSYMFOLLOW) !== 0) return -ELOOP
  if (atime_needs_update(machine, mnt, inode)) {
    if ((nd.flags & LOOKUP_RCU) !== 0 && !try_to_unlazy(nd)) return -ECHILD
    touch_atime(machine, mnt, inode)
  }
  let rc = machine.lsm.inode_follow_link.ask(dentry, inode, (nd.flags & LOOKUP_RCU) !== 0)
  if (rc !== 0) return rc
  const body = linkBody(nd, dentry, inode)
  if (typeof body === 'number') {
    if (body === 0) nd.depth--
    return body
  }
  if (body.charCodeAt(0) !== SLASH) return body === '' ? -ENOENT : body
  rc = nd_jump_root(nd, currentFs(machine))
  if (rc !== 0) return rc
  const at = skipSlashes(body, 0)
  if (at < body.length) return body.slice(at)
  nd.depth--
  return 0
}

/** As `step_into`: moves to `dentry`, or picks up the link that it is. */
export const step_into = (machine: Machine, nd: Nameidata, walk: number, dentry: Dentry): Step => {
  const here = nd.mnt as VfsMount
  const mnt = handle_mounts(nd, here, dentry)
  if (typeof mnt === 'number') return mnt
  if (mnt !== here) dentry = mnt.mnt_root
  const inode = dentry.d_inode as Inode
  if (
    (inode.i_mode & S_IFMT) !== S_IFLNK ||
    (walk & WALK_NOFOLLOW) !== 0 ||
    ((walk & WALK_TRAILING) !== 0 && (nd.flags & LOOKUP_FOLLOW) === 0)
  ) {
    nd.mnt = mnt
    nd.dentry = dentry
    nd.inode = inode
    return 0
  }
  return pick_link(machine, nd, mnt, dentry, inode, walk)
}

export const handle_dots = (machine: Machine, nd: Nameidata, type: number): Step => {
  if (type !== LAST_DOTDOT) return 0
  if (nd.rootMnt === null) {
    const rc = set_root(nd, currentFs(machine))
    if (rc !== 0) return rc
  }
  const parent = follow_dotdot(nd)
  return typeof parent === 'number' ? parent : step_into(machine, nd, WALK_NOFOLLOW, parent)
}

const walk_component = (machine: Machine, nd: Nameidata, walk: number): Step => {
  if (nd.last_type !== LAST_NORM) {
    if ((walk & WALK_MORE) === 0 && nd.depth > 0) nd.depth--
    return handle_dots(machine, nd, nd.last_type)
  }
  const dentry = lookup_fast(machine, nd) ?? lookup_slow(machine, nd.dentry as Dentry, nd.last, nd.flags)
  if (typeof dentry === 'number') return dentry
  if ((walk & WALK_MORE) === 0 && nd.depth > 0) nd.depth--
  return step_into(machine, nd, walk, dentry)
}

/**
 * As `may_lookup`: search permission, 0 or -errno. -ECHILD in rcu-walk mode leads to a second check in ref-walk mode.
 */
const may_lookup = (machine: Machine, nd: Nameidata): number => {
  for (;;) {
    const mask = (nd.flags & LOOKUP_RCU) === 0 ? MAY_EXEC : MAY_EXEC | MAY_NOT_BLOCK
    const rc = inode_permission(machine, (nd.mnt as VfsMount).mnt_idmap, nd.inode as Inode, mask)
    if (rc === 0 || mask === MAY_EXEC) return rc
    if (!try_to_unlazy(nd)) return -ECHILD
    if (rc !== -ECHILD) return rc
  }
}

/**
 * The same, faster, for directories that everybody may search, where only the LSMs decide. Leaves rcu-walk mode first
 * if they would always answer -ECHILD in it.
 */
const may_lookup_fast = (machine: Machine, nd: Nameidata): number => {
  const dir = nd.inode as Inode
  if (!everybodyMaySearch(dir)) return may_lookup(machine, nd)
  let mask = MAY_EXEC
  if ((nd.flags & LOOKUP_RCU) !== 0) {
    const inVain = isAlwaysBlocking(machine.lsm.inode_permission) && (dir.i_flags & S_PRIVATE) === 0
    if (inVain && (nd.flags & LOOKUP_CACHED) === 0) nd.flags &= ~LOOKUP_RCU
    else mask |= MAY_NOT_BLOCK
  }
  const rc = machine.lsm.inode_permission.ask(dir, mask)
  if (rc === 0 || mask === MAY_EXEC) return rc
  if (!try_to_unlazy(nd)) return -ECHILD
  return rc === -ECHILD ? may_lookup(machine, nd) : rc
}

/** As `link_path_walk`: walks `name` without its last component, which is left in `nd.last`. 0 or -errno. */
export const link_path_walk = (machine: Machine, name: string, nd: Nameidata): number => {
  let rest: Rest | null = null
  nd.last_type = LAST_ROOT
  nd.flags |= LOOKUP_PARENT
  let at = skipSlashes(name, 0)
  if (at === name.length) {
    nd.dir_mode = 0
    return 0
  }
  for (;;) {
    const rc = may_lookup_fast(machine, nd)
    if (rc !== 0) return rc
    const slash = name.indexOf('/', at)
    const end = slash < 0 ? name.length : slash
    nd.last = name.slice(at, end)
    nd.last_type = lastType(name, at, end)
    if (nd.last_type === LAST_DOTDOT) nd.state |= ND_JUMPED
    else if (nd.last_type === LAST_NORM) nd.state &= ~ND_JUMPED
    at = slash < 0 ? end : skipSlashes(name, end)
    let link: Step
    if (at < name.length) link = walk_component(machine, nd, WALK_MORE)
    else if (rest !== null) {
      ({ name, at, rest } = rest)
      link = walk_component(machine, nd, 0)
    } else {
      nd.trailing = slash >= 0
      nd.dir_uid = i_uid_into_vfsuid((nd.mnt as VfsMount).mnt_idmap, nd.inode as Inode)
      nd.dir_mode = (nd.inode as Inode).i_mode
      nd.flags &= ~LOOKUP_PARENT
      return 0
    }
    if (typeof link === 'string') {
      rest = { name, at, rest }
      name = link
      at = 0
      continue
    }
    if (link !== 0) return link
    if (!d_can_lookup(nd.dentry as Dentry))
      return (nd.flags & LOOKUP_RCU) !== 0 && !try_to_unlazy(nd) ? -ECHILD : -ENOTDIR
  }
}

/** As `lookup_last`: the last component of a look-up. Slashes after it require a directory. */
export const lookup_last = (machine: Machine, nd: Nameidata): Step => {
  if (nd.last_type === LAST_NORM && nd.trailing) nd.flags |= LOOKUP_FOLLOW | LOOKUP_DIRECTORY
  return walk_component(machine, nd, WALK_TRAILING)
}
