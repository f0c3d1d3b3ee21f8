/** The name of a path as profiles know it (path.c). */
import { DCACHE_HASHED, EACCES, ENAMETOOLONG, ENOENT, MNT_INTERNAL, PROC_SUPER_MAGIC } from '@lsmkit/abi'
import type { Dentry, Path, VfsMount } from '@lsmkit/core'
import { nameBytes } from '../name.ts'
import {
  PATH_CHROOT_NSCONNECT, PATH_CHROOT_REL, PATH_CONNECT_PATH, PATH_DELEGATE_DELETED, PATH_MEDIATE_DELETED,
} from '../policydb/policy.ts'
import type { Apparmor } from '../state.ts'

/** The name is of a directory, and ends in a slash. */
export const PATH_IS_DIR = 0x1

export interface PathName {
  /** As far as it is known. */
  readonly name: string
  /** 0 or -errno. */
  readonly error: number
  readonly info: string | null
}

/** Steps before a walk is given up. */
const MAX_STEPS = 4096

interface Walk {
  /** Names from the root on. */
  readonly names: string[]
  /** Where it ended: the root that was asked for, or a mount that covers nothing. */
  readonly mount: VfsMount
  readonly atRoot: boolean
}

/** From a name up to `root`, or to the top of the tree of mounts. */
const walkUp = ({ mnt, dentry }: Path, root: Path | null): Walk => {
  const names: string[] = []
  let mount = mnt
  let at = dentry
  for (let step = 0; step < MAX_STEPS; step++) {
    if (at === root?.dentry && mount === root.mnt) return { names: names.reverse(), mount, atRoot: true }
    if (at === mount.mnt_root || at.d_parent === null) {
      if (mount.mnt_parent === null || mount.mnt_mountpoint === null || mount.mnt_parent === mount) break
      at = mount.mnt_mountpoint
      mount = mount.mnt_parent
    } else {
      names.push(at.d_name.name)
      at = at.d_parent
    }
  }
  return { names: names.reverse(), mount, atRoot: false }
}

const textOf = (names: readonly string[]): string => `/${names.join('/')}`

/** As `dentry_path_raw`: from the root of the file system. */
const dentryPath = (dentry: Dentry): string => {
  const names: string[] = []
  for (let at = dentry; at.d_parent !== null && names.length < MAX_STEPS; at = at.d_parent) names.push(at.d_name.name)
  return textOf(names.reverse())
}

/** The name is gone from its directory. */
const isUnlinked = (dentry: Dentry): boolean => {
  if ((dentry.d_flags & DCACHE_HASHED) !== 0) return false
  const { d_parent, d_name } = dentry
  const siblings = d_parent?.d_children ?? null
  return siblings !== null && siblings.get(d_name.name) !== dentry
}

/** Whether the top of a tree of mounts is ours: the same top as the running task's root. */
const isOurs = (aa: Apparmor, top: VfsMount): boolean => {
  const root = aa.ctx.current.task.fs?.root ?? null
  return root !== null && topOf(root.mnt) === top
}

/** Nothing is above its root. */
const isTop = (mount: VfsMount): boolean =>
  mount.mnt_parent === null || mount.mnt_mountpoint === null || mount.mnt_parent === mount

const topOf = (mnt: VfsMount): VfsMount => {
  let top = mnt
  for (let step = 0; step < MAX_STEPS && top.mnt_parent !== null && top.mnt_parent !== top; step++) top = top.mnt_parent
  return top
}

/** Bytes that no name of so few characters comes to. */
const SURELY_SHORT = 1024

/**
 * The parts of a name, the last first, where nothing is odd about it: mounted where the task is, there, and short.
 * Null where `pathName` has to say. Most questions are answered without the name as a text.
 */
export const plainParts = (aa: Apparmor, { mnt, dentry }: Path, flags: number): string[] | null => {
  const root = aa.ctx.current.task.fs?.root ?? null
  if ((flags & PATH_CHROOT_REL) !== 0 || (mnt.mnt_flags & MNT_INTERNAL) !== 0 || root === null) return null
  if (isUnlinked(dentry)) return null
  const parts: string[] = []
  let mount = mnt
  let at = dentry
  let length = 0
  while (length < SURELY_SHORT) {
    if (at === mount.mnt_root || at.d_parent === null) {
      if (isTop(mount)) return mount === topOf(root.mnt) ? parts : null
      at = mount.mnt_mountpoint!
      mount = mount.mnt_parent!
    } else {
      const { name } = at.d_name
      length += name.length + 1
      parts.push(name)
      at = at.d_parent
    }
  }
  return null
}

/** Whether `plainParts` would give the same parts again. */
export const hasParts = (aa: Apparmor, { mnt, dentry }: Path, parts: readonly string[]): boolean => {
  const root = aa.ctx.current.task.fs?.root ?? null
  if (root === null || (mnt.mnt_flags & MNT_INTERNAL) !== 0 || isUnlinked(dentry)) return false
  const { length } = parts
  let mount = mnt
  let at = dentry
  for (let i = 0; ;) {
    if (at === mount.mnt_root || at.d_parent === null) {
      if (isTop(mount)) return i === length && mount === topOf(root.mnt)
      at = mount.mnt_mountpoint!
      mount = mount.mnt_parent!
    } else {
      if (i === length || at.d_name.name !== parts[i]) return false
      i++
      at = at.d_parent
    }
  }
}

/** As `our_mnt`. */
export const isOurMount = (aa: Apparmor, mnt: VfsMount): boolean =>
  isOurs(aa, topOf(mnt))

interface Found {
  readonly name: string
  readonly connected: boolean
}

const find = (aa: Apparmor, path: Path, flags: number): Found => {
  const whole = walkUp(path, null)
  const ours = isOurs(aa, whole.mount)
  const root = aa.ctx.current.task.fs?.root ?? null
  if ((flags & PATH_CHROOT_REL) === 0 || root === null) {
    // the tree of another namespace names it as well; a mount that was taken out of one knows its file system alone
    const isAlone = !ours && whole.mount === path.mnt
    return { name: isAlone ? dentryPath(path.dentry) : textOf(whole.names), connected: ours }
  }
  const below = walkUp(path, root)
  if (!below.atRoot) return { name: dentryPath(path.dentry), connected: false }
  return { name: textOf(below.names), connected: ours }
}

const CHROOT_NSCONNECT = PATH_CHROOT_REL | PATH_CHROOT_NSCONNECT

interface Connected {
  readonly name: string
  readonly error: number
}

/** As `disconnect`: a name that leads to no root is an error, unless the profile attaches it to one. */
const disconnect = (
  aa: Apparmor, path: Path, name: string, flags: number, prefix: string | null,
): Connected => {
  const attaches = (flags & PATH_CONNECT_PATH) !== 0 ||
    ((flags & CHROOT_NSCONNECT) === CHROOT_NSCONNECT && isOurs(aa, walkUp(path, null).mount))
  if (!attaches) return { name: name.startsWith('/') ? name.slice(1) : name, error: -EACCES }
  return { name: `${prefix ?? ''}${name.startsWith('/') ? '' : '/'}${name}`, error: 0 }
}

const infos: Readonly<Record<number, string>> = {
  [-ENOENT]: 'Failed name lookup - deleted entry',
  [-EACCES]: 'Failed name lookup - disconnected path',
  [-ENAMETOOLONG]: 'Failed name lookup - name too long',
}

const failed = (name: string, error: number): PathName => ({ name, error, info: infos[error] ?? 'Failed name lookup' })

/** As `aa_path_name`. `flags` are those of the profile and PATH_IS_DIR; `prefix` is its attach_disconnected.path. */
export const pathName = (aa: Apparmor, path: Path, flags: number, prefix: string | null): PathName => {
  const isDirectory = (flags & PATH_IS_DIR) !== 0
  const internal = (path.mnt.mnt_flags & MNT_INTERNAL) !== 0
  const found = internal ? { name: dentryPath(path.dentry), connected: false } : find(aa, path, flags)
  const room = aa.settings.pathMax - (isDirectory ? 1 : 0)
  if (found.name.length * 3 >= room && nameBytes(found.name).length >= room) return failed('', -ENAMETOOLONG)
  let { name } = found
  if (internal && path.dentry.d_sb.s_magic === PROC_SUPER_MAGIC && name.startsWith('/sys/')) name = `/proc${name}`
  else if (!found.connected) {
    const connected = disconnect(aa, path, name, flags, prefix)
    if (connected.error !== 0) return failed(connected.name, connected.error)
    name = connected.name
  }
  const mediates = (flags & (PATH_MEDIATE_DELETED | PATH_DELEGATE_DELETED)) !== 0
  if (!internal && !mediates && path.dentry.d_inode !== null && isUnlinked(path.dentry)) {
    return failed(name, -ENOENT)
  }
  return { name: isDirectory && name !== '/' ? `${name}/` : name, error: 0, info: null }
}
