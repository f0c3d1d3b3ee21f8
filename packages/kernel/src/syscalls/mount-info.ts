/** statmount, listmount and ustat: reports mounts (fs/namespace.c, fs/statfs.c). */
import {
  CAP_SYS_ADMIN, CLONE_NEWNS, EBADF, EFAULT, EINVAL, ENOENT, ENOSYS, EOVERFLOW, EPERM, LISTMOUNT_REVERSE, MNT_NOATIME,
  MNT_NODEV, MNT_NODIRATIME, MNT_NOEXEC, MNT_NOSUID, MNT_NOSYMFOLLOW, MNT_READONLY, MNT_RELATIME, MNT_UNBINDABLE,
  MOUNT_ATTR_IDMAP, MOUNT_ATTR_NOATIME, MOUNT_ATTR_NODEV, MOUNT_ATTR_NODIRATIME, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW, MOUNT_ATTR_RDONLY, MOUNT_ATTR_STRICTATIME, MS_PRIVATE, MS_SHARED, MS_SLAVE, MS_UNBINDABLE,
  SB_DIRSYNC, SB_LAZYTIME, SB_RDONLY, SB_SYNCHRONOUS, STATMOUNT_FS_TYPE, STATMOUNT_MNT_BASIC, STATMOUNT_MNT_NS_ID,
  STATMOUNT_MNT_OPTS, STATMOUNT_MNT_POINT, STATMOUNT_MNT_ROOT, STATMOUNT_PROPAGATE_FROM, STATMOUNT_SB_BASIC,
} from '@lsmkit/abi'
import { nop_mnt_idmap, ns_capable_noaudit } from '@lsmkit/core'
import type { Dentry, FsStruct, Path, SeqFile, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { dentry_path, locate, reachTest } from '../vfs/d-path.ts'
import { MAJOR, MINOR, new_decode_dev } from '../vfs/devnum.ts'
import { fget } from '../state/vfs/fdtable.ts'
import type { Kstatfs } from '../state/vfs/kstat.ts'
import { lookup_mnt, MNT_UNIQUE_ID_OFFSET, path_is_under } from '../state/vfs/mount.ts'
import type { Mount, MountNamespace } from '../state/vfs/mount.ts'
import { isShared } from '../state/vfs/propagation.ts'
import { superState } from '../state/vfs/state.ts'

/**
 * `struct mnt_id_req`: a mount by its unique number; `param` is a STATMOUNT_* mask, or the last number listmount
 * gave. The namespace is the caller's, or the one of that number (STATMOUNT_MNT_NS_ID, NS_GET_MNTNS_ID) or descriptor.
 */
export interface MntIdReq {
  readonly mnt_id: number
  readonly param: number
  readonly mnt_ns_id?: number
  readonly mnt_ns_fd?: number
}
/** For listmount: all mounts below the caller's root. */
export const LSMT_ROOT_NUMBER = -1

/** `struct statmount`, with strings instead of offsets. */
export class Statmount {
  mask = 0
  sb_dev_major = 0
  sb_dev_minor = 0
  sb_magic = 0
  sb_flags = 0
  fs_type = ''
  mnt_id = 0
  mnt_parent_id = 0
  mnt_id_old = 0
  mnt_parent_id_old = 0
  mnt_attr = 0
  mnt_propagation = 0
  mnt_peer_group = 0
  mnt_master = 0
  propagate_from = 0
  mnt_root = ''
  mnt_point = ''
  mnt_opts = ''
  mnt_ns_id = 0
}

const MAX_IDS = 1_000_000
const ATTRS: readonly (readonly [number, number])[] = [
  [MNT_READONLY, MOUNT_ATTR_RDONLY], [MNT_NOSUID, MOUNT_ATTR_NOSUID], [MNT_NODEV, MOUNT_ATTR_NODEV],
  [MNT_NOEXEC, MOUNT_ATTR_NOEXEC], [MNT_NODIRATIME, MOUNT_ATTR_NODIRATIME], [MNT_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW],
]

const mnt_to_attr_flags = ({ mnt_flags, mnt_idmap }: Mount): number => {
  let attr =
    (mnt_flags & MNT_NOATIME) !== 0
      ? MOUNT_ATTR_NOATIME
      : (mnt_flags & MNT_RELATIME) !== 0
        ? 0
        : MOUNT_ATTR_STRICTATIME
  for (const [flag, bit] of ATTRS) if ((mnt_flags & flag) !== 0) attr |= bit
  return mnt_idmap === nop_mnt_idmap ? attr : attr | MOUNT_ATTR_IDMAP
}

const mnt_to_propagation_flags = (mount: Mount): number =>
  ((isShared(mount) ? MS_SHARED : 0) | (mount.master !== 0 ? MS_SLAVE : 0) |
    ((mount.mnt_flags & MNT_UNBINDABLE) !== 0 ? MS_UNBINDABLE : 0)) || MS_PRIVATE

const superBasics = (s: Statmount, sb: SuperBlock): void => {
  s.mask |= STATMOUNT_SB_BASIC
  s.sb_dev_major = MAJOR(sb.s_dev)
  s.sb_dev_minor = MINOR(sb.s_dev)
  s.sb_magic = sb.s_magic
  s.sb_flags = sb.s_flags & (SB_RDONLY | SB_SYNCHRONOUS | SB_DIRSYNC | SB_LAZYTIME)
}

const mountBasics = (s: Statmount, mount: Mount): void => {
  const parent = mount.mnt_parent ?? mount
  s.mask |= STATMOUNT_MNT_BASIC
  s.mnt_id = mount.mnt_id_unique
  s.mnt_parent_id = parent.mnt_id_unique
  s.mnt_id_old = mount.mnt_id
  s.mnt_parent_id_old = parent.mnt_id
  s.mnt_attr = mnt_to_attr_flags(mount)
  s.mnt_propagation = mnt_to_propagation_flags(mount)
  s.mnt_peer_group = isShared(mount) ? mount.group : 0
  s.mnt_master = mount.master
}

const rootPath = (root: Dentry): string => superState(root.d_sb).s_op.show_path?.(root) ?? dentry_path(root)
const rootOf = (mount: Mount): Path => ({ mnt: mount, dentry: mount.mnt_root })

const mntNsOfFd = (machine: Machine, fd: number): MountNamespace | number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  const ref = machine.nsfs.namespaceOf(file)
  return ref === null || ref.flag !== CLONE_NEWNS ? -EINVAL : (ref.ns as MountNamespace)
}

/** As `copy_mnt_id_req` and `grab_requested_mnt_ns`. */
const requestedNs = (machine: Machine, { mnt_id, mnt_ns_id = 0, mnt_ns_fd = 0 }: MntIdReq): MountNamespace | number => {
  if (mnt_ns_id !== 0 && mnt_ns_fd !== 0) return -EINVAL
  if (mnt_id !== LSMT_ROOT_NUMBER && mnt_id <= MNT_UNIQUE_ID_OFFSET) return -EINVAL
  if (mnt_ns_id !== 0) return machine.vfs.mountNamespaces().find(({ seq }) => seq === mnt_ns_id) ?? -ENOENT
  return mnt_ns_fd === 0 ? machine.vfs.currentMntNs() : mntNsOfFd(machine, mnt_ns_fd)
}

const mayAdminister = (machine: Machine, { user_ns }: MountNamespace): boolean =>
  ns_capable_noaudit(machine.lsm, machine.current, user_ns, CAP_SYS_ADMIN)

/** Naming another namespace by its number needs CAP_SYS_ADMIN in it; a descriptor needs nothing more. */
const mayName = (machine: Machine, { mnt_ns_id = 0 }: MntIdReq, ns: MountNamespace): boolean =>
  mnt_ns_id === 0 || ns === machine.vfs.currentMntNs() || mayAdminister(machine, ns)

/** As `grab_requested_root`: the caller's root, or the root of the other namespace. */
const requestedRoot = (machine: Machine, ns: MountNamespace): Path | number => {
  if (ns === machine.vfs.currentMntNs()) return (machine.current.task.fs as FsStruct).root
  if (ns.mounts.size === 0) return -ENOENT
  const base = ns.root!
  return rootOf(lookup_mnt(base, base.mnt_root) ?? base)
}

const lookup = (machine: Machine, id: number, ns: MountNamespace): Mount | null => {
  const mount = machine.vfs.mountsById.get(id)
  return mount !== undefined && mount.mnt_ns === ns ? mount : null
}

/** A mount that is not below `root` needs CAP_SYS_ADMIN in the namespace. The LSMs are asked as for statfs. */
const mayShow = (machine: Machine, path: Path, root: Path, ns: MountNamespace): number => {
  if (!path_is_under(path, root) && !mayAdminister(machine, ns)) return -EPERM
  return machine.lsm.sb_statfs.ask(path.dentry)
}

const options = (machine: Machine, mount: Mount): string | number => {
  const m: SeqFile = { text: '' }
  const rc = machine.lsm.sb_show_options.ask(m, mount.mnt_sb)
  if (rc !== 0) return rc
  superState(mount.mnt_sb).s_op.show_options?.(m, mount.mnt_root)
  return m.text.replace(/^,/, '')
}

/** The nearest group above that has a member in the mount's namespace, below the caller's root. */
const dominating = (machine: Machine, mount: Mount): number => {
  const { mnt_ns: ns } = mount
  const { root } = machine.current.task.fs as FsStruct
  for (let group = mount.master; group !== 0;) {
    const members = [...machine.vfs.peerGroups.peersOf(group)]
    if (members.some((m) => m.mnt_ns === ns && path_is_under(rootOf(m), root))) return group
    group = members.find((m) => m.master !== 0)?.master ?? 0
  }
  return 0
}

const texts = (machine: Machine, s: Statmount, mount: Mount, wanted: number, root: Path): number => {
  if ((wanted & STATMOUNT_FS_TYPE) !== 0) s.fs_type = mount.mnt_sb.s_type.name
  if ((wanted & STATMOUNT_MNT_ROOT) !== 0) s.mnt_root = rootPath(mount.mnt_root)
  const at = locate(rootOf(mount), root)
  if ((wanted & STATMOUNT_MNT_POINT) !== 0) s.mnt_point = at.reached ? at.path : ''
  s.mask |= wanted & (STATMOUNT_FS_TYPE | STATMOUNT_MNT_ROOT | STATMOUNT_MNT_POINT)
  if ((wanted & STATMOUNT_MNT_OPTS) === 0) return 0
  const text = options(machine, mount)
  if (typeof text === 'number') return text
  s.mnt_opts = text
  s.mask |= STATMOUNT_MNT_OPTS
  return 0
}

const statmount = (
  machine: Machine, req: MntIdReq | null, buf: Statmount | null, _size: number, flags: number,
): number => {
  if (flags !== 0) return -EINVAL
  if (req === null || buf === null) return -EFAULT
  const ns = requestedNs(machine, req)
  if (typeof ns === 'number') return ns
  if (!mayName(machine, req, ns)) return -EPERM
  const mount = lookup(machine, req.mnt_id, ns)
  if (mount === null) return -ENOENT
  const root = requestedRoot(machine, ns)
  if (typeof root === 'number') return root
  const rc = mayShow(machine, rootOf(mount), root, ns)
  if (rc !== 0) return rc
  buf.mask = 0
  if ((req.param & STATMOUNT_SB_BASIC) !== 0) superBasics(buf, mount.mnt_sb)
  if ((req.param & STATMOUNT_MNT_BASIC) !== 0) mountBasics(buf, mount)
  if ((req.param & STATMOUNT_PROPAGATE_FROM) !== 0) {
    buf.mask |= STATMOUNT_PROPAGATE_FROM
    buf.propagate_from = dominating(machine, mount)
  }
  const error = texts(machine, buf, mount, req.param, root)
  if (error !== 0 || (req.param & STATMOUNT_MNT_NS_ID) === 0) return error
  buf.mask |= STATMOUNT_MNT_NS_ID
  buf.mnt_ns_id = ns.seq
  return 0
}

/** Gives the unique numbers of the mounts below `req.mnt_id`, oldest first; the answer is how many. */
const listmount = (
  machine: Machine, req: MntIdReq | null, mnt_ids: number[] | null, nr_mnt_ids: number, flags: number,
): number => {
  if ((flags & ~LISTMOUNT_REVERSE) !== 0) return -EINVAL
  if (nr_mnt_ids > MAX_IDS) return -EOVERFLOW
  if (req === null || mnt_ids === null) return -EFAULT
  if (req.param !== 0 && req.param <= MNT_UNIQUE_ID_OFFSET) return -EINVAL
  const ns = requestedNs(machine, req)
  if (typeof ns === 'number') return ns
  if (!mayName(machine, req, ns)) return -ENOENT
  const root = requestedRoot(machine, ns)
  if (typeof root === 'number') return root
  const isRoot = req.mnt_id === LSMT_ROOT_NUMBER
  const parent = isRoot ? null : lookup(machine, req.mnt_id, ns)
  if (!isRoot && parent === null) return -ENOENT
  const from = parent === null ? root : rootOf(parent)
  const rc = mayShow(machine, from, root, ns)
  if (rc !== 0) return rc
  const reverse = (flags & LISTMOUNT_REVERSE) !== 0
  const isNext = ({ mnt_id_unique: id }: Mount): boolean =>
    id !== req.mnt_id && (req.param === 0 || (reverse ? id < req.param : id > req.param))
  const isBelow = reachTest(from)
  const found = [...ns.mounts].filter((mount) => isNext(mount) && isBelow(mount))
  found.sort((a, b) => (reverse ? b.mnt_id - a.mnt_id : a.mnt_id - b.mnt_id))
  found.slice(0, nr_mnt_ids).forEach((mount, i) => (mnt_ids[i] = mount.mnt_id_unique))
  return Math.min(found.length, nr_mnt_ids)
}

const superOf = (machine: Machine, dev: number): SuperBlock | null => {
  for (const { mnt_sb } of machine.vfs.allMounts) if (mnt_sb.s_dev === dev) return mnt_sb
  return null
}

/** The old call that takes a device number. Fills in free blocks and inodes. */
const ustat = (machine: Machine, dev: number, buf: Kstatfs | null): number => {
  const sb = superOf(machine, new_decode_dev(dev))
  if (sb === null) return -EINVAL
  const { s_op } = superState(sb)
  if (s_op.statfs === null) return -ENOSYS
  const rc = machine.lsm.sb_statfs.ask(sb.s_root as Dentry)
  if (rc !== 0) return rc
  return buf === null ? -EFAULT : s_op.statfs(sb.s_root as Dentry, buf)
}

export const mountInfoSyscalls = { statmount, listmount, ustat }
