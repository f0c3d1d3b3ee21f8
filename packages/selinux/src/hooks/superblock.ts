/** File systems: how their files are labelled, and what is done with them as a whole. */
import {
  EACCES, EINVAL, ENODATA, EOPNOTSUPP, FS_BINARY_MOUNTDATA, MS_REMOUNT, SECURITY_LSM_NATIVE_LABELS, XATTR_NAME_SELINUX,
} from '@lsmkit/abi'
import type { HookTable, SuperBlock } from '@lsmkit/core'
import {
  CONTEXT_MNT, DEFCONTEXT_MNT, FS_USE_GENFS, FS_USE_MNTPOINT, FS_USE_NATIVE, FS_USE_TASK, FS_USE_TRANS,
  FS_USE_UNSET, FS_USE_XATTR, FSCONTEXT_MNT, LABEL_INITIALIZED, ROOTCONTEXT_MNT, SBLABEL_MNT, SE_MNTMASK, SE_SBGENFS,
  SE_SBGENFS_XATTR, SE_SBINITIALIZED, SE_SBPROC,
} from '../blobs.ts'
import type { SuperState } from '../blobs.ts'
import { pathHas, superblockHas } from '../checks.ts'
import { AV, SECCLASS } from '../class-map.ts'
import { SECSID_NULL } from '../initial-sids.ts'
import { labelInode } from '../inode-label.ts'
import { currentSid } from '../state.ts'
import type { Selinux } from '../state.ts'
import { conflicts, type MountContexts } from './mount-contexts.ts'

/** Labelled by path; the second kind keeps labels that were set, too. */
const byPath = new Set(['debugfs', 'tracefs', 'binder', 'bpf', 'pstore', 'securityfs'])
const byPathAndXattr = new Set(['sysfs', 'cgroup', 'cgroup2'])
/** Mounts of other user namespaces whose contexts can be believed. */
const trusted = new Set(['tmpfs', 'ramfs', 'devpts', 'overlay'])

const { filesystem: fsAv } = AV

/** As `may_context_mount_sb_relabel`. */
const mayRelabelFs = ({ avc }: Selinux, task: number, sid: number, sb: SuperState): number =>
  avc.hasPerm(task, sb.sid, SECCLASS.filesystem, fsAv.relabelfrom, 'nothing', null) ||
  avc.hasPerm(task, sid, SECCLASS.filesystem, fsAv.relabelto, 'nothing', null)

/** As `may_context_mount_inode_relabel`. */
const mayRelabelFiles = ({ avc }: Selinux, task: number, sid: number, sb: SuperState): number =>
  avc.hasPerm(task, sb.sid, SECCLASS.filesystem, fsAv.relabelfrom, 'nothing', null) ||
  avc.hasPerm(sid, sb.sid, SECCLASS.filesystem, fsAv.associate, 'nothing', null)

/** As `selinux_is_sblabel_mnt`: can its files be given labels? */
const takesLabels = ({ server }: Selinux, sb: SuperBlock, state: SuperState): boolean => {
  switch (state.behavior) {
    case FS_USE_XATTR:
    case FS_USE_TRANS:
    case FS_USE_TASK:
    case FS_USE_NATIVE:
      return true
    case FS_USE_GENFS: {
      const { name } = sb.s_type
      if (['sysfs', 'pstore', 'debugfs', 'tracefs', 'rootfs'].includes(name)) return true
      return server.policyCap('cgroup_seclabel') && (name === 'cgroup' || name === 'cgroup2')
    }
    default:
      return false
  }
}

/** As `sb_check_xattr_support`: a file system that keeps none is labelled by path, where the policy has one. */
const checkXattrs = (selinux: Selinux, sb: SuperBlock, state: SuperState): number => {
  const value = selinux.ctx.host.__vfs_getxattr(sb.s_root!.d_inode!, XATTR_NAME_SELINUX)
  if (typeof value !== 'number' || value === -ENODATA) return 0
  if (value !== -EOPNOTSUPP) return value
  const sid = selinux.server.genfsSid(sb.s_type.name, '/', SECCLASS.dir)
  if (sid < 0) return -EOPNOTSUPP
  state.behavior = FS_USE_GENFS
  state.sid = sid
  return 0
}

/** As `sb_finish_set_opts`: from now on its files have labels, the ones seen before too. */
const finish = (selinux: Selinux, sb: SuperBlock, state: SuperState): number => {
  const rc = state.behavior === FS_USE_XATTR ? checkXattrs(selinux, sb, state) : 0
  if (rc !== 0) return rc
  state.flags |= SE_SBINITIALIZED
  if (takesLabels(selinux, sb, state)) state.flags |= SBLABEL_MNT
  else state.flags &= ~SBLABEL_MNT
  labelInode(selinux, sb.s_root!.d_inode!, sb.s_root)
  for (const inode of state.deferred) labelInode(selinux, inode, null)
  state.deferred.clear()
  return 0
}

/** What was given with the mount agrees with what was given before, and is marked as given: 0 or -EINVAL. */
const noteGiven = (state: SuperState, root: number, given: MountContexts): number => {
  const options = [
    [FSCONTEXT_MNT, given.fscontext, state.sid], [CONTEXT_MNT, given.context, state.mntpoint_sid],
    [ROOTCONTEXT_MNT, given.rootcontext, root], [DEFCONTEXT_MNT, given.defcontext, state.def_sid],
  ] as const
  for (const [flag, sid, old] of options) {
    if (sid === SECSID_NULL) continue
    if (conflicts(state, flag, old, sid)) return -EINVAL
    state.flags |= flag
  }
  return 0
}

/** How the policy labels a file system of this type. */
const chooseBehavior = ({ server }: Selinux, sb: SuperBlock, state: SuperState): void => {
  const { name } = sb.s_type
  if (name === 'proc') state.flags |= SE_SBPROC | SE_SBGENFS
  if (byPath.has(name)) state.flags |= SE_SBGENFS
  if (byPathAndXattr.has(name)) state.flags |= SE_SBGENFS | SE_SBGENFS_XATTR
  if (state.behavior !== FS_USE_UNSET) return
  const { behavior, sid } = server.fsUse(name)
  state.behavior = behavior
  state.sid = sid
}

/** The contexts of the mount take effect, each with the rights it needs. */
const applyContexts = (selinux: Selinux, sb: SuperBlock, state: SuperState, given: MountContexts): number => {
  const task = currentSid(selinux)
  const { fscontext, context, defcontext } = given
  let { rootcontext } = given
  if (fscontext !== SECSID_NULL) {
    const rc = mayRelabelFs(selinux, task, fscontext, state)
    if (rc !== 0) return rc
    state.sid = fscontext
  }
  if (context !== SECSID_NULL) {
    const isWhole = fscontext === SECSID_NULL
    const rc = (isWhole ? mayRelabelFs : mayRelabelFiles)(selinux, task, context, state)
    if (rc !== 0) return rc
    if (isWhole) state.sid = context
    rootcontext = rootcontext === SECSID_NULL ? context : rootcontext
    state.mntpoint_sid = context
    state.behavior = FS_USE_MNTPOINT
  }
  if (rootcontext !== SECSID_NULL) {
    const rc = mayRelabelFiles(selinux, task, rootcontext, state)
    if (rc !== 0) return rc
    const root = selinux.blobs.inode(sb.s_root!.d_inode!)
    root.sid = rootcontext
    root.sclass = SECCLASS.dir
    root.initialized = LABEL_INITIALIZED
  }
  if (defcontext !== SECSID_NULL) {
    if (state.behavior !== FS_USE_XATTR && state.behavior !== FS_USE_NATIVE) return -EINVAL
    if (defcontext !== state.def_sid) {
      const rc = mayRelabelFiles(selinux, task, defcontext, state)
      if (rc !== 0) return rc
    }
    state.def_sid = defcontext
  }
  return 0
}

/** As `selinux_set_mnt_opts`. */
export const setMountContexts = (
  selinux: Selinux, sb: SuperBlock, given: MountContexts | null, native: boolean,
): number => {
  const state = selinux.blobs.superblock(sb)
  const isInitialized = (state.flags & SE_SBINITIALIZED) !== 0
  if (!selinux.server.loaded) {
    if (given !== null) return -EINVAL
    selinux.deferred.add(sb)
    return 0
  }
  if (isInitialized && given === null && (sb.s_type.fs_flags & FS_BINARY_MOUNTDATA) !== 0) return 0
  const root = selinux.blobs.inode(sb.s_root!.d_inode!).sid
  const noted = given === null ? 0 : noteGiven(state, root, given)
  if (noted !== 0) return noted
  if (isInitialized) return given === null && (state.flags & SE_MNTMASK) !== 0 ? -EINVAL : 0
  state.creator_sid = currentSid(selinux)
  chooseBehavior(selinux, sb, state)
  if (sb.s_user_ns.parent !== null && !trusted.has(sb.s_type.name)) {
    if (given !== null && given.some()) return -EACCES
    if (state.behavior === FS_USE_XATTR) {
      state.behavior = FS_USE_MNTPOINT
      const task = currentSid(selinux)
      const sid = selinux.server.transitionSid(task, task, SECCLASS.file)
      if (sid < 0) return sid
      state.mntpoint_sid = sid
    }
    return finish(selinux, sb, state)
  }
  if (native && (given?.context ?? SECSID_NULL) === SECSID_NULL) state.behavior = FS_USE_NATIVE
  const rc = given === null ? 0 : applyContexts(selinux, sb, state, given)
  return rc !== 0 ? rc : finish(selinux, sb, state)
}

export const superblockHooks: HookTable<Selinux> = {
  /** The blob starts with the labels it shall have. */
  sb_alloc_security: () => 0,

  sb_set_mnt_opts(selinux, sb, given, kernFlags, setFlags) {
    const native = (kernFlags & SECURITY_LSM_NATIVE_LABELS) !== 0
    const rc = setMountContexts(selinux, sb, given as MountContexts | null, native)
    const { behavior } = selinux.blobs.superblock(sb)
    if (rc === 0 && native && behavior === FS_USE_NATIVE) setFlags.value |= SECURITY_LSM_NATIVE_LABELS
    return rc
  },

  /** Two mounts of one server (NFS) are labelled alike. */
  sb_clone_mnt_opts(selinux, from, to, kernFlags, setFlags) {
    const old = selinux.blobs.superblock(from)
    const next = selinux.blobs.superblock(to)
    if (!selinux.server.loaded) return 0
    const native = (kernFlags & SECURITY_LSM_NATIVE_LABELS) !== 0
    if ((next.flags & SE_SBINITIALIZED) !== 0) {
      const differs =
        (old.flags & SE_MNTMASK) !== (next.flags & SE_MNTMASK) || old.sid !== next.sid ||
        old.def_sid !== next.def_sid || old.mntpoint_sid !== next.mntpoint_sid
      return differs ? -EINVAL : 0
    }
    next.flags = old.flags
    next.sid = old.sid
    next.def_sid = old.def_sid
    next.mntpoint_sid = old.mntpoint_sid
    next.behavior = old.behavior
    next.creator_sid = old.creator_sid
    if (next.behavior === FS_USE_NATIVE && !native) {
      const { behavior, sid } = selinux.server.fsUse(to.s_type.name)
      next.behavior = behavior
      next.sid = sid
    }
    if (native && (old.flags & CONTEXT_MNT) === 0) {
      next.behavior = FS_USE_NATIVE
      setFlags.value |= SECURITY_LSM_NATIVE_LABELS
    }
    if ((old.flags & (CONTEXT_MNT | ROOTCONTEXT_MNT)) !== 0) {
      const { sid } = selinux.blobs.inode(from.s_root!.d_inode!)
      selinux.blobs.inode(to.s_root!.d_inode!).label(sid, SECCLASS.dir)
    }
    return finish(selinux, to, next)
  },

  sb_kern_mount: (selinux, sb) => superblockHas(selinux, sb, fsAv.mount, 'dentry', sb.s_root!),
  sb_statfs: (selinux, dentry) => superblockHas(selinux, dentry.d_sb, fsAv.getattr, 'dentry', dentry.d_sb.s_root!),

  sb_mount(selinux, _dev, path, _type, flags) {
    if ((flags & MS_REMOUNT) !== 0) return superblockHas(selinux, path.dentry.d_sb, fsAv.remount, 'nothing', null)
    return pathHas(selinux, path, AV.file.mounton)
  },
  move_mount: (selinux, _from, to) => pathHas(selinux, to, AV.file.mounton),
  sb_umount: (selinux, mnt) => superblockHas(selinux, mnt.mnt_sb, fsAv.unmount, 'nothing', null),
}
