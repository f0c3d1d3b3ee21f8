/** overlayfs: directories laid over one another as one tree (fs/overlayfs/super.c). */
import {
  capLower, CAP_SYS_RESOURCE, EINVAL, EIO, ENODATA, ENOMEM, EROFS, FS_USERNS_MOUNT, OVERLAYFS_SUPER_MAGIC,
  SB_I_NOUMASK, SB_I_SKIP_SYNC, SB_POSIXACL, SB_RDONLY, S_IFDIR,
} from '@lsmkit/abi'
import type { Dentry, FsContext, Inode, KeyMap, SeqFile, SuperBlock } from '@lsmkit/core'
import { superOperations } from '../../state/vfs/driver.ts'
import type { FileSystem, SuperOperations } from '../../state/vfs/driver.ts'
import type { Machine } from '../../machine.ts'
import type { Kstatfs } from '../../state/vfs/kstat.ts'
import { superState } from '../../state/vfs/state.ts'
import { configText, hasFsid, shouldSync } from './config.ts'
import { overlayParts } from './parts.ts'
import {
  inodeRealPath, ovlFs, OvlFs, ovlInode, OVL_IMPURE, OVL_UPPERDATA, OVL_WHITEOUTS, setInodeFlag, setUpperAlias,
  setXwhiteouts,
} from './node.ts'
import type { OvlPath } from './node.ts'
import { overlayParams, splitOptions } from './params.ts'
import type { OvlOptions } from './params.ts'

const UUID_SIZE = 16
const MAX_SIZE = Number.MAX_SAFE_INTEGER

const overlayDriver = (lsm: KeyMap, machine: Machine) => {
  const { vfs, creds } = machine
  const { options, parse_param, free_context, verify } = overlayParams(lsm, machine)
  const { real, inodes, lookups, layers, workdir, xattrs, handles } = overlayParts(lsm, machine)

  const statfs = (dentry: Dentry, buf: Kstatfs): number => {
    const root = dentry.d_sb.s_root as Dentry
    const { namelen, uuid } = ovlFs(dentry.d_sb)
    const rc = vfs.statfs_by_dentry(inodeRealPath(root.d_inode as Inode).dentry, buf)
    if (rc !== 0) return rc
    buf.f_namelen = namelen
    buf.f_type = OVERLAYFS_SUPER_MAGIC
    if (uuid !== null) buf.f_fsid = new DataView(uuid.buffer, uuid.byteOffset).getUint32(0, true)
    return 0
  }

  const show_options = (m: SeqFile, root: Dentry): number => {
    const { config, numlowerlayer, sameFs } = ovlFs(root.d_sb)
    m.text += configText(config, numlowerlayer, sameFs)
    return 0
  }

  const sync_fs = (sb: SuperBlock): number => {
    const { config, upper } = ovlFs(sb)
    if (!shouldSync(config) || upper === null) return 0
    return superState(upper.mnt.mnt_sb).s_op.sync_fs?.(upper.mnt.mnt_sb) ?? 0
  }

  const put_super = (sb: SuperBlock): void => freeFs(ovlFs(sb))
  const freeFs = (ofs: OvlFs): void => {
    const { workbasedir } = ofs
    layers.freeLayers(ofs)
    ofs.whiteout = ofs.workdir = ofs.workbasedir = null
    real.release(workbasedir)
    creds.put_cred(ofs.creator_cred)
  }

  const d_revalidate = (dentry: Dentry, flags: number): number => {
    if (dentry.d_inode === null) return 1
    const { upper, lower } = ovlInode(dentry.d_inode)
    for (const layer of [upper, ...lower.map((path) => path.dentry)]) {
      const rc = layer === null ? 1 : lookups.revalidateReal(layer, flags)
      if (rc <= 0) return rc
    }
    return 1
  }

  const common: Partial<SuperOperations> = {
    statfs, show_options, sync_fs, put_super, d_revalidate, evict_inode: inodes.forgetInode,
    destroy_inode: inodes.destroyInode, ...handles,
  }
  const s_op = superOperations(common)
  const s_op_exports = superOperations({ ...common, exports: true })

  /** A number by which statfs knows the file system again; the upper root keeps it unless it is an old one. */
  const initUuid = (ofs: OvlFs, upper: Dentry): void => {
    const { config } = ofs
    const path = real.upperPlace(ofs, upper)
    const stored = real.getOwn(ofs, path, 'uuid')
    if (typeof stored !== 'number' && stored.length === UUID_SIZE) {
      ofs.uuid = stored.slice()
      return
    }
    if (stored === -ENODATA && config.uuid === 'auto') {
      const impure = real.getOwn(ofs, path, 'impure')
      config.uuid = impure === -ENODATA ? 'on' : 'null'
    } else if (stored !== -ENODATA) config.uuid = 'null'
    if (config.uuid !== 'on') return
    const uuid = machine.random(UUID_SIZE)
    if (real.setOwn(ofs, upper, 'uuid', uuid) === 0) ofs.uuid = uuid
    else config.uuid = 'null'
  }

  const settleUuid = (ofs: OvlFs, upper: Dentry | null): void => {
    if (ofs.config.uuid === 'off' && ofs.fs.length > 1) ofs.config.uuid = 'null'
    else if (hasFsid(ofs.config) && upper !== null) initUuid(ofs, upper)
  }

  /** All layers but the root of the tree: what they are, and whether they go together. */
  const assemble = (sb: SuperBlock, own: OvlOptions): OvlPath[] | number => {
    const ofs = ovlFs(sb)
    const { upper, work } = own
    let rc = 0
    if (ofs.config.upperdir !== null && upper !== null) {
      if (ofs.config.workdir === null || work === null) return -EINVAL
      rc = layers.getUpper(sb, upper)
      if (rc === 0) rc = workdir.getWorkdir(sb, upper, work)
      if (rc !== 0) return rc
      if (ofs.workdir === null) sb.s_flags |= SB_RDONLY
      superState(sb).s_stack_depth = superState(upper.mnt.mnt_sb).s_stack_depth
    }
    const stack = layers.getLower(sb, own)
    if (typeof stack === 'number') return stack
    if (ofs.upper === null) sb.s_flags |= SB_RDONLY
    settleUuid(ofs, upper?.dentry ?? null)
    if (!ofs.forceReadonly && ofs.config.index && upper !== null) {
      rc = workdir.getIndexdir(sb, stack, upper)
      if (rc !== 0) return rc
      if (ofs.workdir === null) sb.s_flags |= SB_RDONLY
    }
    rc = layers.checkOverlapping(sb)
    return rc !== 0 ? rc : stack
  }

  const settleExport = (sb: SuperBlock): void => {
    const { config, workdir: dir, upper } = ovlFs(sb)
    if (dir === null) {
      config.index = false
      if (upper !== null) config.nfs_export = false
    }
    if (config.metacopy) config.nfs_export = false
    if (config.nfs_export) superState(sb).s_op = s_op_exports
  }

  const makeRoot = (sb: SuperBlock, upper: Dentry | null, stack: OvlPath[]): Inode | number => {
    const root = inodes.newInode(sb, S_IFDIR, 0)
    if (root === null) return -ENOMEM
    setInodeFlag(root, OVL_WHITEOUTS | OVL_UPPERDATA)
    const first = stack[0] as OvlPath
    const { i_ino: ino } = ((upper ?? first.dentry) as Dentry).d_inode as Inode
    const params = { upper, lower: stack, redirect: null, lowerdata_redirect: null }
    inodes.initInode(root, params, ino, upper !== null ? 0 : first.layer.fsid)
    return root
  }

  const fill = (fc: FsContext, sb: SuperBlock): Inode | number => {
    const ofs = ovlFs(sb)
    const cred = creds.prepare_creds()
    if (cred === null) return -ENOMEM
    ofs.creator_cred = cred
    // nothing is looked for before it can be told apart
    const failed = (rc: number): number => {
      freeFs(ofs)
      return rc
    }
    if (fc.user_ns !== machine.current.task.cred.user_ns) return failed(-EIO)
    const own = verify(fc)
    if (typeof own === 'number') return failed(own)
    if (own.lower.length === 0) return failed(-EINVAL)
    ofs.config.lowerdirs = own.lower.map(({ name }) => name)
    sb.s_maxbytes = MAX_SIZE
    const stack = assemble(sb, own)
    if (typeof stack === 'number') return failed(stack)
    settleExport(sb)
    capLower(cred.cap_effective, CAP_SYS_RESOURCE)
    sb.s_magic = OVERLAYFS_SUPER_MAGIC
    sb.s_flags |= SB_POSIXACL
    sb.s_iflags |= SB_I_SKIP_SYNC | SB_I_NOUMASK
    superState(sb).cachesNegative = superState(sb).isCache = true
    const root = makeRoot(sb, ofs.config.upperdir === null ? null : (own.upper?.dentry ?? null), stack)
    return typeof root === 'number' ? failed(root) : root
  }

  /** What the attributes of the layers' roots say, once the root has its name. */
  const markRoot = (root: Dentry): void => {
    const ofs = ovlFs(root.d_sb)
    const inode = root.d_inode as Inode
    const { upper, lower } = ovlInode(inode)
    if (upper !== null) {
      setUpperAlias(root)
      if (real.dirXattr(ofs, real.upperPlace(ofs, upper), 'impure') === 'y') setInodeFlag(inode, OVL_IMPURE)
    }
    for (const { layer, dentry } of lower.slice(0, -1)) {
      const path = { mnt: layer.mnt, dentry: dentry as Dentry }
      if (real.dirXattr(ofs, path, 'opaque') !== 'x') continue
      layer.has_xwhiteouts = true
      setXwhiteouts(root)
    }
  }

  return {
    parse_param,
    free_context,
    get_tree(fc: FsContext): number {
      const { config } = options(fc)
      const handlers = config.userxattr ? xattrs.handlers.user : xattrs.handlers.trusted
      const rc = vfs.get_tree_nodev(fc, s_op, handlers, new OvlFs(config), (sb) => fill(fc, sb))
      if (rc === 0) markRoot(fc.root as Dentry)
      return rc
    },
    reconfigure(fc: FsContext): number {
      const { d_sb } = fc.root as Dentry
      const ofs = ovlFs(d_sb)
      if ((fc.sb_flags & SB_RDONLY) === 0 && ofs.forceReadonly) return -EROFS
      return (fc.sb_flags & SB_RDONLY) !== 0 && (d_sb.s_flags & SB_RDONLY) === 0 ? sync_fs(d_sb) : 0
    },
  }
}

/** Its parts are many, and are made for the first mount: most kernels have none. */
export const overlay = (lsm: KeyMap, machine: Machine): FileSystem => {
  let made: ReturnType<typeof overlayDriver> | null = null
  const driver = () => (made ??= overlayDriver(lsm, machine))
  return {
    name: 'overlay',
    fs_flags: FS_USERNS_MOUNT,
    split_options: splitOptions,
    parse_param: (fc, param) => driver().parse_param(fc, param),
    free_context: (fc) => driver().free_context(fc),
    get_tree: (fc) => driver().get_tree(fc),
    reconfigure: (fc) => driver().reconfigure(fc),
  }
}
