/** tmpfs: the file system that lives in memory, its mounts and statistics (mm/shmem.c). */
import {
  EINVAL, FS_ALLOW_IDMAP, FS_USERNS_MOUNT, NAME_MAX, PAGE_SIZE, S_IFDIR, SB_KERNMOUNT, SB_NOSEC, SB_POSIXACL,
  TMPFS_MAGIC,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, FsContext, Inode, SeqFile, SuperBlock } from '@lsmkit/core'
import { superOperations } from '../../state/vfs/driver.ts'
import type { Tmpfs } from '../../interfaces/fs.ts'
import type { Machine } from '../../machine.ts'
import type { Kstatfs } from '../../state/vfs/kstat.ts'
import { superState } from '../../state/vfs/state.ts'
import { MAX_FILE_SIZE } from './file.ts'
import { get_inode, evict_inode } from './inodes.ts'
import { BOGO_INODE_SIZE } from '../../state/ceiling.ts'
import { TmpfsSuper, tmpfsSuper } from './node.ts'
import { quotaOptionsText } from './quota-options.ts'
import { tmpfsXattrs } from './xattrs.ts'
import type { TmpfsOptions } from './mount-options.ts'
import type { TmpfsDriver } from './inodes.ts'
import { optionsOf, parse_param } from './mount-options.ts'
import { tmpfsDriver } from './operations.ts'
import { bound } from '../../state/bound.ts'

const statfs = (dentry: Dentry, buf: Kstatfs): number => {
  const fs = tmpfsSuper(dentry.d_sb)
  buf.f_type = TMPFS_MAGIC
  buf.f_bsize = buf.f_frsize = PAGE_SIZE
  buf.f_namelen = NAME_MAX
  buf.f_fsid = dentry.d_sb.s_dev
  if (fs.max_blocks !== Infinity) {
    buf.f_blocks = fs.max_blocks
    buf.f_bfree = buf.f_bavail = fs.max_blocks - fs.used_blocks
  }
  if (fs.max_inodes !== Infinity) {
    buf.f_files = fs.max_inodes
    buf.f_ffree = fs.max_inodes - Math.ceil(fs.used_ispace / BOGO_INODE_SIZE)
  }
  return 0
}

/** Half of the memory. */
const defaultPages = ({ totalram }: Machine): number => Math.floor(totalram / 2 / PAGE_SIZE)

const limitText = (machine: Machine, name: string, limit: number, unit = '', scale = 1): string =>
  limit === defaultPages(machine) ? '' : `,${name}=${limit === Infinity ? 0 : limit * scale}${unit}`

const show_options = (machine: Machine, m: SeqFile, { d_sb }: Dentry): number => {
  const fs = tmpfsSuper(d_sb)
  m.text += limitText(machine, 'size', fs.max_blocks, 'k', PAGE_SIZE / 1024)
  m.text += limitText(machine, 'nr_inodes', fs.max_inodes)
  if (fs.mode !== 0o1777) m.text += `,mode=${fs.mode.toString(8).padStart(3, '0')}`
  if (fs.uid !== 0) m.text += `,uid=${fs.uid}`
  if (fs.gid !== 0) m.text += `,gid=${fs.gid}`
  m.text += fs.full_inums ? ',inode64' : ',inode32'
  if (fs.noswap) m.text += ',noswap'
  m.text += quotaOptionsText(superState(d_sb).quotas, fs.quotaLimits)
  return 0
}

/** Made when it is first asked for. */
const uuid = (machine: Machine, sb: SuperBlock): Uint8Array => (tmpfsSuper(sb).uuid ??= machine.random(16))

const limit = (fs: TmpfsSuper, { size, inodes: count }: TmpfsOptions): void => {
  if (size !== null) fs.max_blocks = size === 0 ? Infinity : Math.ceil(size / PAGE_SIZE)
  if (count !== null) fs.max_inodes = count === 0 ? Infinity : count
}

const fill = (driver: TmpfsDriver, fc: FsContext, sb: SuperBlock): Inode | number => {
  const own = optionsOf(fc)
  const fs = tmpfsSuper(sb)
  // the kernel's own mount is unlimited; others get half of the memory, and an inode for each page of that
  if ((fc.sb_flags & SB_KERNMOUNT) === 0) fs.max_blocks = fs.max_inodes = defaultPages(driver.machine)
  limit(fs, own)
  const { mode, uid, gid, full_inums, noswap, quota } = own
  Object.assign(fs, { mode, uid, gid, full_inums, noswap })
  superState(sb).quotas = quota.make()
  if (quota.wanted) fs.quotaLimits = quota.limits
  sb.s_magic = TMPFS_MAGIC
  sb.s_maxbytes = MAX_FILE_SIZE
  sb.s_flags |= SB_NOSEC | SB_POSIXACL
  const root = get_inode(driver, nop_mnt_idmap, sb, null, S_IFDIR | mode, 0)
  if (typeof root === 'number') return root
  root.i_uid = uid
  root.i_gid = gid
  return root
}

/** As `shmem_reconfigure`: an unlimited mount stays so, and limits cannot fall below what is in use. */
const mayReconfigure = (sb: SuperBlock, { size, inodes: count, noswap, quota }: TmpfsOptions): boolean => {
  const fs = tmpfsSuper(sb)
  if (size !== null && size !== 0) {
    if (fs.max_blocks === Infinity || Math.ceil(size / PAGE_SIZE) < fs.used_blocks) return false
  }
  if (count !== null && count !== 0) {
    if (fs.max_inodes === Infinity || count * BOGO_INODE_SIZE < fs.used_ispace) return false
  }
  return (!noswap || fs.noswap) && quota.mayRemount(superState(sb).quotas, fs.quotaLimits)
}

const reconfigure = (fc: FsContext): number => {
  const own = optionsOf(fc)
  const { d_sb } = fc.root as Dentry
  if (!mayReconfigure(d_sb, own)) return -EINVAL
  limit(tmpfsSuper(d_sb), own)
  return 0
}

export const tmpfs = (machine: Machine): Tmpfs => {
  const driver = tmpfsDriver(machine)
  const s_xattr = tmpfsXattrs(machine)
  const own = bound(machine, { show_options, evict_inode, uuid })
  const s_op = superOperations({ statfs, ...own, sync_fs: () => 0, exports: true })
  return {
    name: 'tmpfs',
    ...bound(driver, { get_inode }),
    fs_flags: FS_USERNS_MOUNT | FS_ALLOW_IDMAP,
    ...bound(machine, { parse_param }),
    get_tree: (fc) =>
      machine.vfs.get_tree_nodev(fc, s_op, s_xattr, new TmpfsSuper(machine.ceiling), (sb) => fill(driver, fc, sb)),
    reconfigure,
  }
}
