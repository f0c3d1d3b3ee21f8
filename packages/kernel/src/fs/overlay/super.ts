/** overlayfs: directories laid over one another as one tree (fs/overlayfs/super.c). */
import {
  capLower, CAP_SYS_RESOURCE, EINVAL, EIO, ENODATA, ENOMEM, EROFS, FS_USERNS_MOUNT, OVERLAYFS_SUPER_MAGIC, SB_I_NOUMASK,
  SB_I_SKIP_SYNC, SB_POSIXACL, SB_RDONLY, S_IFDIR,
} from '@lsmkit/abi'
import type { Dentry, FsContext, Inode, SeqFile, SuperBlock } from '@lsmkit/core'
import { superOperations } from '../../state/vfs/driver.ts'
import type { FileSystem, SuperOperations } from '../../state/vfs/driver.ts'
import type { Machine } from '../../machine.ts'
import type { Kstatfs } from '../../state/vfs/kstat.ts'
import { superState } from '../../state/vfs/state.ts'
import { configText, hasFsid, shouldSync } from './config.ts'
import {
  inodeRealPath, ovlFs, OvlFs, ovlInode, OVL_IMPURE, OVL_UPPERDATA, OVL_WHITEOUTS, setInodeFlag, setUpperAlias,
  setXwhiteouts,
} from './node.ts'
import type { OvlPath } from './node.ts'
import { splitOptions, verifyOptions, optionsOf } from './params.ts'
import type { OvlOptions } from './params.ts'
import { freeLayers, getUpper, getLower, checkOverlapping } from './layers.ts'
import { releaseReal, upperPlace, getOwn, setOwn, dirXattr } from './real.ts'
import { revalidateReal } from './lookup.ts'
import { forgetInode, destroyInode, newInode, initInode } from './inodes.ts'
import { encodeHandle } from './export.ts'
import { getWorkdir, getIndexdir } from './workdir.ts'
import { bound } from '../../state/bound.ts'
import { OverlayTable } from '../../state/overlay/table.ts'
import type { InodeTables } from '../../state/overlay/table.ts'
import { inodeOperations } from '../../state/vfs/driver.ts'
import { getAcl, getInodeAcl, setAcl } from './acl.ts'
import {
  getAttributes, getFileattr, getOverlayLink, mayAccess, setAttributes, setFileattr, updateTime,
} from './attr.ts'
import { createFile, linkEntry, makeDir, makeLink, makeNode, makeTmpfile } from './create.ts'
import { overlayDirOps } from './dir-file.ts'
import { overlayFileOps } from './file.ts'
import { lookupEntry } from './lookup.ts'
import { removeDir, unlinkEntry } from './remove.ts'
import { renameEntry } from './rename.ts'
import { listxattr, overlayXattrHandlers } from './xattr.ts'
import { freeContext, parseParam } from './params.ts'

const UUID_SIZE = 16
const MAX_SIZE = Number.MAX_SAFE_INTEGER

const statfs = (machine: Machine, dentry: Dentry, buf: Kstatfs): number => {
  const root = dentry.d_sb.s_root as Dentry
  const { namelen, uuid } = ovlFs(dentry.d_sb)
  const rc = machine.vfs.statfs_by_dentry(inodeRealPath(root.d_inode as Inode).dentry, buf)
  if (rc !== 0) return rc
  buf.f_namelen = namelen
  buf.f_type = OVERLAYFS_SUPER_MAGIC
  if (uuid !== null) buf.f_fsid = new DataView(uuid.buffer, uuid.byteOffset).getUint32(0, true)
  return 0
}

const show_options = (machine: Machine, m: SeqFile, root: Dentry): number => {
  const { config, numlowerlayer, sameFs } = ovlFs(root.d_sb)
  m.text += configText(config, { merged: numlowerlayer, sameFs, hasFsync: machine.rules.overlayFsync })
  return 0
}

const sync_fs = (sb: SuperBlock): number => {
  const { config, upper } = ovlFs(sb)
  if (!shouldSync(config) || upper === null) return 0
  return superState(upper.mnt.mnt_sb).s_op.sync_fs?.(upper.mnt.mnt_sb) ?? 0
}

const put_super = (machine: Machine, sb: SuperBlock): void => freeFs(machine, ovlFs(sb))

const freeFs = (machine: Machine, ofs: OvlFs): void => {
  const { workbasedir } = ofs
  freeLayers(machine, ofs)
  ofs.whiteout = ofs.workdir = ofs.workbasedir = null
  releaseReal(machine, workbasedir)
  machine.creds.put_cred(ofs.creator_cred)
}

const d_revalidate = (machine: Machine, dentry: Dentry, flags: number): number => {
  if (dentry.d_inode === null) return 1
  const { upper, lower } = ovlInode(dentry.d_inode)
  for (const layer of [upper, ...lower.map((path) => path.dentry)]) {
    const rc = layer === null ? 1 : revalidateReal(layer, flags)
    if (rc <= 0) return layer !== upper && machine.overlayKeeps?.(dentry) === true ? 1 : rc
  }
  return 1
}

const superOps = (machine: Machine): Partial<SuperOperations> => ({
  statfs: (dentry, buf) => statfs(machine, dentry, buf), sync_fs,
  show_options: (m, root) => show_options(machine, m, root),
  put_super: (sb) => put_super(machine, sb),
  d_revalidate: (dentry, flags) => d_revalidate(machine, dentry, flags), evict_inode: forgetInode,
  destroy_inode: (inode) => destroyInode(machine, inode), encode_fh: (inode) => encodeHandle(machine, inode),
})

/** A number by which statfs knows the file system again; the upper root keeps it unless it is an old one. */
const initUuid = (machine: Machine, ofs: OvlFs, upper: Dentry): void => {
  const { config } = ofs
  const path = upperPlace(ofs, upper)
  const stored = getOwn(machine, ofs, path, 'uuid')
  if (typeof stored !== 'number' && stored.length === UUID_SIZE) {
    ofs.uuid = stored.slice()
    return
  }
  if (stored === -ENODATA && config.uuid === 'auto') {
    const impure = getOwn(machine, ofs, path, 'impure')
    config.uuid = impure === -ENODATA ? 'on' : 'null'
  } else if (stored !== -ENODATA) config.uuid = 'null'
  if (config.uuid !== 'on') return
  const uuid = machine.random(UUID_SIZE)
  if (setOwn(machine, ofs, upper, 'uuid', uuid) === 0) ofs.uuid = uuid
  else config.uuid = 'null'
}

const settleUuid = (machine: Machine, ofs: OvlFs, upper: Dentry | null): void => {
  if (ofs.config.uuid === 'off' && ofs.fs.length > 1) ofs.config.uuid = 'null'
  else if (hasFsid(ofs.config) && upper !== null) initUuid(machine, ofs, upper)
}

/** Sets up all layers and checks that they fit together, before the root is made. */
const assemble = (machine: Machine, sb: SuperBlock, own: OvlOptions): OvlPath[] | number => {
  const ofs = ovlFs(sb)
  const { upper, work } = own
  let rc = 0
  if (ofs.config.upperdir !== null && upper !== null) {
    if (ofs.config.workdir === null || work === null) return -EINVAL
    rc = getUpper(machine, sb, upper)
    if (rc === 0) rc = getWorkdir(machine, sb, upper, work)
    if (rc !== 0) return rc
    if (ofs.workdir === null) sb.s_flags |= SB_RDONLY
    superState(sb).s_stack_depth = superState(upper.mnt.mnt_sb).s_stack_depth
  }
  const stack = getLower(machine, sb, own)
  if (typeof stack === 'number') return stack
  if (ofs.upper === null) sb.s_flags |= SB_RDONLY
  settleUuid(machine, ofs, upper?.dentry ?? null)
  if (!ofs.forceReadonly && ofs.config.index && upper !== null) {
    rc = getIndexdir(machine, sb, stack, upper)
    if (rc !== 0) return rc
    if (ofs.workdir === null) sb.s_flags |= SB_RDONLY
  }
  rc = checkOverlapping(machine, sb)
  return rc !== 0 ? rc : stack
}

const settleExport = (machine: Machine, sb: SuperBlock): void => {
  const { config, workdir: dir, upper } = ovlFs(sb)
  if (dir === null) {
    config.index = false
    if (upper !== null) config.nfs_export = false
  }
  if (config.metacopy) config.nfs_export = false
  if (config.nfs_export) superState(sb).s_op = machine.overlayTable.s_op_exports
}

const makeRoot = (machine: Machine, sb: SuperBlock, upper: Dentry | null, stack: OvlPath[]): Inode | number => {
  const root = newInode(machine, sb, S_IFDIR, 0)
  if (root === null) return -ENOMEM
  setInodeFlag(root, OVL_WHITEOUTS | OVL_UPPERDATA)
  const first = stack[0] as OvlPath
  const { i_ino: ino } = ((upper ?? first.dentry) as Dentry).d_inode as Inode
  const params = { upper, lower: stack, redirect: null, lowerdata_redirect: null }
  initInode(machine, root, params, ino, upper !== null ? 0 : first.layer.fsid)
  return root
}

const fill = (machine: Machine, fc: FsContext, sb: SuperBlock): Inode | number => {
  const ofs = ovlFs(sb)
  const cred = machine.creds.prepare_creds()
  if (cred === null) return -ENOMEM
  ofs.creator_cred = cred
  // look-ups need these to distinguish layers
  const failed = (rc: number): number => {
    freeFs(machine, ofs)
    return rc
  }
  if (fc.user_ns !== machine.current.task.cred.user_ns) return failed(-EIO)
  const own = verifyOptions(machine, fc)
  if (typeof own === 'number') return failed(own)
  if (own.lower.length === 0) return failed(-EINVAL)
  ofs.config.lowerdirs = own.lower.map(({ name }) => name)
  sb.s_maxbytes = MAX_SIZE
  const stack = assemble(machine, sb, own)
  if (typeof stack === 'number') return failed(stack)
  settleExport(machine, sb)
  capLower(cred.cap_effective, CAP_SYS_RESOURCE)
  sb.s_magic = OVERLAYFS_SUPER_MAGIC
  sb.s_flags |= SB_POSIXACL
  sb.s_iflags |= SB_I_SKIP_SYNC | SB_I_NOUMASK
  superState(sb).cachesNegative = superState(sb).isCache = true
  const root = makeRoot(machine, sb, ofs.config.upperdir === null ? null : (own.upper?.dentry ?? null), stack)
  return typeof root === 'number' ? failed(root) : root
}

/** Reads the attributes of the layers' roots, once the root has its dentry. */
const markRoot = (machine: Machine, root: Dentry): void => {
  const ofs = ovlFs(root.d_sb)
  const inode = root.d_inode as Inode
  const { upper, lower } = ovlInode(inode)
  if (upper !== null) {
    setUpperAlias(root)
    if (dirXattr(machine, ofs, upperPlace(ofs, upper), 'impure') === 'y') setInodeFlag(inode, OVL_IMPURE)
  }
  for (const { layer, dentry } of lower.slice(0, -1)) {
    const path = { mnt: layer.mnt, dentry: dentry as Dentry }
    if (dirXattr(machine, ofs, path, 'opaque') !== 'x') continue
    layer.has_xwhiteouts = true
    setXwhiteouts(root)
  }
}

export const getTree = (machine: Machine, fc: FsContext): number => {
  const { config } = optionsOf(fc)
  const { xattrs } = machine.overlayTable
  const handlers = config.userxattr ? xattrs.user : xattrs.trusted
  const rc = machine.vfs.get_tree_nodev(
    fc, machine.overlayTable.s_op, handlers, new OvlFs(config), (sb) => fill(machine, fc, sb),
  )
  if (rc === 0) markRoot(machine, fc.root as Dentry)
  return rc
}

export const reconfigureOverlay = (fc: FsContext): number => {
  const { d_sb } = fc.root as Dentry
  const ofs = ovlFs(d_sb)
  if ((fc.sb_flags & SB_RDONLY) === 0 && ofs.forceReadonly) return -EROFS
  return (fc.sb_flags & SB_RDONLY) !== 0 && (d_sb.s_flags & SB_RDONLY) === 0 ? sync_fs(d_sb) : 0
}

const inodeTables = (machine: Machine): InodeTables => {
  const { setattr, getattr, update_time, listxattrs } = bound(machine, {
    setattr: setAttributes, getattr: getAttributes, update_time: updateTime, listxattrs: listxattr,
  })
  const all = { setattr, getattr, listxattr: listxattrs, update_time }
  const acls = bound(machine, { get_inode_acl: getInodeAcl, get_acl: getAcl, set_acl: setAcl })
  const checked = { ...all, ...bound(machine, { permission: mayAccess }), ...acls }
  const flagged = { ...checked, ...bound(machine, { fileattr_get: getFileattr, fileattr_set: setFileattr }) }
  const names = bound(machine, {
    lookup: lookupEntry, unlink: unlinkEntry, rmdir: removeDir, rename: renameEntry, create: createFile,
    mkdir: makeDir, symlink: makeLink, mknod: makeNode, link: linkEntry, tmpfile: makeTmpfile,
  })
  return {
    dir: [inodeOperations({ ...flagged, ...names }), overlayDirOps(machine)],
    file: [inodeOperations(flagged), overlayFileOps(machine)],
    link: inodeOperations({ ...all, ...bound(machine, { get_link: getOverlayLink }) }),
    special: inodeOperations(checked),
  }
}

export const overlay = (machine: Machine): FileSystem => {
  const common = superOps(machine)
  machine.overlayTable = new OverlayTable(
    inodeTables(machine), overlayXattrHandlers(machine), superOperations(common),
    superOperations({ ...common, exports: true }),
  )
  return {
    name: 'overlay',
    fs_flags: FS_USERNS_MOUNT,
    split_options: splitOptions,
    ...bound(machine, { parse_param: parseParam, free_context: freeContext, get_tree: getTree }),
    reconfigure: (fc) => reconfigureOverlay(fc),
  }
}
