/** A mount that is being configured: options one by one, then the tree (fs/fs_context.c, fs/super.c). */
import {
  CAP_SYS_ADMIN, EACCES, EBUSY, EINVAL, ENOMEM, ENOPARAM, FS_CONTEXT_AWAITING_MOUNT, FS_CONTEXT_AWAITING_RECONF,
  FS_CONTEXT_FOR_MOUNT, FS_CONTEXT_FOR_RECONFIGURE, FS_CONTEXT_RECONF_PARAMS, FS_USERNS_MOUNT, fs_value_is_flag,
  fs_value_is_string, SB_DIRSYNC, SB_FORCE, SB_I_VERSION, SB_LAZYTIME, SB_MANDLOCK, SB_POSIXACL, SB_RDONLY,
  SB_SYNCHRONOUS,
} from '@lsmkit/abi'
import { capable, ns_capable, ref } from '@lsmkit/core'
import type { Dentry, FsContext, FsParameter, Inode, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { FileSystem, SuperOperations, XattrHandler } from '../state/vfs/driver.ts'
import { MountContext } from '../state/vfs/mount-context.ts'
import { d_make_root, shrink_dcache_sb } from './dcache.ts'
import { sget, sput, alloc_super, activate } from './super.ts'

/** The bits of s_flags that a remount may change (MS_RMT_MASK). */
export const REMOUNTABLE = SB_RDONLY | SB_SYNCHRONOUS | SB_MANDLOCK | SB_I_VERSION | SB_LAZYTIME

const SET_SB_FLAG = new Map([
  ['dirsync', SB_DIRSYNC],
  ['lazytime', SB_LAZYTIME],
  ['mand', SB_MANDLOCK],
  ['ro', SB_RDONLY],
  ['sync', SB_SYNCHRONOUS],
])
const CLEAR_SB_FLAG = new Map([
  ['async', SB_SYNCHRONOUS], ['nolazytime', SB_LAZYTIME], ['nomand', SB_MANDLOCK], ['rw', SB_RDONLY],
])

export const textParameter = (key: string, value: string | null): FsParameter => ({
  key,
  type: value === null ? fs_value_is_flag : fs_value_is_string,
  string: value,
  blob: null,
  file: null,
})

export const fs_context_for_mount = (machine: Machine, type: FileSystem, sb_flags: number): MountContext => {
  const cred = machine.creds.get_cred(machine.current.task.cred)
  return new MountContext(type, cred, type.owner?.() ?? cred.user_ns, sb_flags, 0, FS_CONTEXT_FOR_MOUNT)
}

export const fs_context_for_reconfigure = (
  machine: Machine, root: Dentry, sb_flags: number, mask: number,
): MountContext => {
  const sb = root.d_sb
  const cred = machine.creds.get_cred(machine.current.task.cred)
  const type = sb.s_type as FileSystem
  const fc = new MountContext(type, cred, sb.s_user_ns, sb_flags, mask, FS_CONTEXT_FOR_RECONFIGURE)
  fc.root = root
  fc.phase = FS_CONTEXT_RECONF_PARAMS
  sget(sb)
  return fc
}

const free_mnt_opts = (machine: Machine, fc: MountContext): void => {
  machine.lsm.sb_free_mnt_opts.tell(ref(fc.security))
  fc.security = null
}

export const put_fs_context = (machine: Machine, fc: MountContext): void => {
  if (fc.root !== null) {
    const sb = fc.root.d_sb
    fc.root = null
    sput(machine, sb)
  }
  free_mnt_opts(machine, fc)
  fc.fs_type.free_context?.(fc)
  machine.creds.put_cred(fc.cred)
}

/** As `vfs_clean_context`, after fsmount(2): prepares the context for a reconfiguration of the mount. */
export const vfs_clean_context = (machine: Machine, fc: MountContext): void => {
  fc.fs_type.free_context?.(fc)
  fc.fs_private = null
  fc.sb_flags = 0
  free_mnt_opts(machine, fc)
  fc.source = null
  fc.exclusive = false
  fc.purpose = FS_CONTEXT_FOR_RECONFIGURE
  fc.phase = FS_CONTEXT_AWAITING_RECONF
}

const parseSbFlag = (fc: MountContext, key: string): number => {
  const set = SET_SB_FLAG.get(key)
  const clear = CLEAR_SB_FLAG.get(key)
  if (set === undefined && clear === undefined) return -ENOPARAM
  fc.sb_flags = (fc.sb_flags | (set ?? 0)) & ~(clear ?? 0)
  fc.sb_flags_mask |= set ?? clear ?? 0
  return 0
}

const parseSource = (fc: MountContext, param: FsParameter): number => {
  if (param.key !== 'source') return -ENOPARAM
  if (param.type !== fs_value_is_string) return -EINVAL
  if (fc.source !== null) {
    fc.tell('e Multiple sources\n')
    return -EINVAL
  }
  fc.source = param.string
  return 0
}

/** As `vfs_parse_fs_param`: tries the flags of all file systems, then the LSMs, the file system, and `source`. */
export const vfs_parse_fs_param = (machine: Machine, fc: MountContext, param: FsParameter): number => {
  if (param.key === '') return -EINVAL
  let rc = parseSbFlag(fc, param.key)
  if (rc !== -ENOPARAM) return rc
  rc = machine.lsm.fs_context_parse_param.ask(fc, param)
  if (rc !== -ENOPARAM) return rc
  if (fc.fs_type.parse_param !== null) rc = fc.fs_type.parse_param(fc, param)
  if (rc === -EINVAL) fc.tell(`e ${fc.fs_type.name}: Bad value for '${param.key}'\n`)
  if (rc === -ENOPARAM) rc = parseSource(fc, param)
  if (rc !== -ENOPARAM) return rc
  fc.tell(`e ${fc.fs_type.name}: Unknown parameter '${param.key}'\n`)
  return -EINVAL
}

/** Parses options separated by commas (the last argument of mount(2)). */
export const parse_monolithic_mount_data = (machine: Machine, fc: MountContext, data: string | null): number => {
  const { parse_monolithic, split_options } = fc.fs_type
  if (data === null) return parse_monolithic?.(fc, null) ?? 0
  const options = ref(data)
  const opts = ref<object | null>(fc.security)
  let rc = machine.lsm.sb_eat_lsm_opts.ask(options, opts)
  fc.security = opts.value
  if (rc !== 0) return rc
  if (parse_monolithic !== undefined) return parse_monolithic(fc, options.value)
  for (const option of split_options?.(options.value) ?? options.value.split(',')) {
    if (option === '' || option.startsWith('=')) continue
    const at = option.indexOf('=')
    const key = at < 0 ? option : option.slice(0, at)
    rc = vfs_parse_fs_param(machine, fc, textParameter(key, at < 0 ? null : option.slice(at + 1)))
    if (rc < 0) return rc
  }
  return 0
}

export const mount_capable = (machine: Machine, fc: MountContext): boolean =>
  (fc.fs_type.fs_flags & FS_USERNS_MOUNT) === 0
    ? capable(machine.lsm, machine.current, CAP_SYS_ADMIN)
    : ns_capable(machine.lsm, machine.current, fc.user_ns, CAP_SYS_ADMIN)

/** For get_tree of drivers: uses an existing super block. */
export const share_super = (machine: Machine, fc: FsContext, sb: SuperBlock): number => {
  if ((fc as MountContext).exclusive) return -EBUSY
  sget(sb)
  fc.root = sb.s_root
  return 0
}

/** As `get_tree_nodev`, for get_tree of drivers: a new super block. `fill` configures it and returns the root inode. */
export const get_tree_nodev = (
  machine: Machine, fc: FsContext,
  s_op: SuperOperations,
  s_xattr: readonly XattrHandler[],
  fs: unknown,
  fill: (sb: SuperBlock) => Inode | number,
): number => {
  const sb = alloc_super(machine, fc.fs_type, fc.sb_flags, fc.user_ns, s_op, s_xattr, fs)
  if (sb === null) return -ENOMEM
  sget(sb)
  const root = fill(sb)
  if (typeof root === 'number') {
    sput(machine, sb)
    return root
  }
  activate(sb, d_make_root(machine, root))
  fc.root = sb.s_root
  return 0
}

/** As `vfs_get_tree`: makes the tree and applies LSM options. `fc.root` then holds the super block. */
export const vfs_get_tree = (machine: Machine, fc: MountContext): number => {
  if (fc.root !== null) return -EBUSY
  let rc = fc.fs_type.get_tree(fc)
  if (rc < 0) return rc
  const sb = (fc.root as unknown as Dentry).d_sb
  rc = machine.lsm.sb_set_mnt_opts.ask(sb, fc.security, 0, ref(0))
  if (rc !== 0) {
    fc.root = null
    sput(machine, sb)
  } else fc.phase = FS_CONTEXT_AWAITING_MOUNT
  return rc
}

/** Whether a file is open for writing on any mount of the super block. */
const hasWriters = (machine: Machine, sb: SuperBlock): boolean => {
  for (const mount of machine.mountTable.allMounts) if (mount.mnt_sb === sb && mount.writers > 0) return true
  return false
}

export const reconfigure_super = (machine: Machine, fc: MountContext): number => {
  const sb = (fc.root as Dentry).d_sb
  if ((fc.sb_flags_mask & ~REMOUNTABLE) !== 0 && (fc.sb_flags_mask & ~(REMOUNTABLE | SB_POSIXACL)) !== 0)
    return -EINVAL
  let rc = machine.lsm.sb_remount.ask(sb, fc.security)
  if (rc !== 0) return rc
  const toWritable = (fc.sb_flags_mask & SB_RDONLY) !== 0 && (fc.sb_flags & SB_RDONLY) === 0
  if (toWritable && sb.s_bdev !== null && sb.s_bdev.bd_read_only) return -EACCES
  shrink_dcache_sb(machine, sb)
  const toReadonly = (fc.sb_flags_mask & fc.sb_flags & SB_RDONLY) !== 0 && (sb.s_flags & SB_RDONLY) === 0
  if (toReadonly && (fc.sb_flags & SB_FORCE) === 0 && hasWriters(machine, sb)) return -EBUSY
  rc = fc.fs_type.reconfigure?.(fc) ?? 0
  if (rc !== 0) return rc
  sb.s_flags = (sb.s_flags & ~fc.sb_flags_mask) | (fc.sb_flags & fc.sb_flags_mask)
  return 0
}

/** As `reconfigure_single`: a second mount of a type with one super block reconfigures that super block. */
export const reconfigure_single = (machine: Machine, sb: SuperBlock, sb_flags: number, data: string | null): number => {
  const fc = fs_context_for_reconfigure(machine, sb.s_root as Dentry, sb_flags, REMOUNTABLE)
  const rc = parse_monolithic_mount_data(machine, fc, data) || reconfigure_super(machine, fc)
  put_fs_context(machine, fc)
  return rc
}
