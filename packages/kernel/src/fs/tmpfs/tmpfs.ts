/** tmpfs: the file system that lives in memory, with its mount options and statistics (mm/shmem.c). */
import {
  CAP_SYS_ADMIN, EINVAL, FS_ALLOW_IDMAP, FS_USERNS_MOUNT, fs_value_is_string, NAME_MAX, PAGE_SIZE, S_IFDIR,
  SB_KERNMOUNT, SB_NOSEC,
  SB_POSIXACL, TMPFS_MAGIC,
} from '@lsmkit/abi'
import { capable, gid_valid, make_kgid, make_kuid, nop_mnt_idmap, uid_valid } from '@lsmkit/core'
import type { Dentry, FsContext, FsParameter, Inode, KeyMap, SeqFile, SuperBlock } from '@lsmkit/core'
import { superOperations } from '../../state/vfs/driver.ts'
import type { Tmpfs } from '../../interfaces/fs.ts'
import type { Machine } from '../../machine.ts'
import type { Kstatfs } from '../../state/vfs/kstat.ts'
import { superState } from '../../state/vfs/state.ts'
import { MAX_FILE_SIZE } from './file.ts'
import { tmpfsInodes } from './inodes.ts'
import { BOGO_INODE_SIZE } from '../../state/ceiling.ts'
import { TmpfsSuper, tmpfsSuper } from './node.ts'
import { QuotaOptions, quotaOptionsText } from './quota-options.ts'
import { parseSize } from './sizes.ts'
import { tmpfsXattrs } from './xattrs.ts'

/** Options of one mount, as they are parsed. */
class TmpfsOptions {
  size: number | null = null
  inodes: number | null = null
  mode = 0o1777
  uid: number
  gid: number
  full_inums = true
  noswap = false
  readonly quota = new QuotaOptions()

  constructor(uid: number, gid: number) {
    this.uid = uid
    this.gid = gid
  }
}

const parseNumber = (text: string | null, base: number): number | null => {
  const pattern = base === 8 ? /^[0-7]+$/ : /^\d+$/
  return text !== null && pattern.test(text) ? Number.parseInt(text, base) : null
}

export const tmpfs = (lsm: KeyMap, machine: Machine): Tmpfs => {
  const inodes = tmpfsInodes(lsm, machine)
  const s_xattr = tmpfsXattrs(machine)

  const options = (fc: FsContext): TmpfsOptions => {
    fc.fs_private ??= new TmpfsOptions(fc.cred.fsuid, fc.cred.fsgid)
    return fc.fs_private as TmpfsOptions
  }

  /** Sets one option from its text; false when the text is no value for it. */
  const setOption = (fc: FsContext, key: string, text: string): boolean => {
    const own = options(fc)
    if (key === 'size' || key === 'nr_blocks') {
      const share = key === 'size' && text.endsWith('%') ? parseSize(text.slice(0, -1)) : null
      const size = share === null ? parseSize(text) : Math.floor((share * machine.totalram) / 100)
      own.size = size === null || key === 'size' ? size : size * PAGE_SIZE
      return size !== null
    }
    if (key === 'nr_inodes') return (own.inodes = parseSize(text)) !== null
    const value = parseNumber(text, key === 'mode' ? 8 : 10)
    if (value === null) return false
    if (key === 'mode') own.mode = value & 0o7777
    if (key === 'uid') own.uid = make_kuid(fc.user_ns, value)
    if (key === 'gid') own.gid = make_kgid(fc.user_ns, value)
    return uid_valid(own.uid) && gid_valid(own.gid)
  }
  const VALUES = new Set(['size', 'nr_blocks', 'nr_inodes', 'mode', 'uid', 'gid'])

  const setFlag = (fc: FsContext, key: string): number => {
    const own = options(fc)
    if (key === 'noswap') {
      if (fc.user_ns !== machine.init_user_ns || !capable(lsm, machine.current, CAP_SYS_ADMIN)) return -EINVAL
      own.noswap = true
    } else own.full_inums = key === 'inode64'
    return 0
  }
  const FLAGS = new Set(['inode32', 'inode64', 'noswap'])

  const parse_param = (fc: FsContext, { key, type, string }: FsParameter): number => {
    const text = type === fs_value_is_string ? string : null
    if (FLAGS.has(key)) return text === null ? setFlag(fc, key) : -EINVAL
    if (!VALUES.has(key)) return options(fc).quota.parse(key, text, fc.user_ns === machine.init_user_ns)
    return text !== null && setOption(fc, key, text) ? 0 : -EINVAL
  }

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

  const defaultPages = Math.floor(machine.totalram / 2 / PAGE_SIZE)
  const limitText = (name: string, limit: number, unit: string, scale: number): string =>
    limit === defaultPages ? '' : `,${name}=${limit === Infinity ? 0 : limit * scale}${unit}`

  const show_options = (m: SeqFile, { d_sb }: Dentry): number => {
    const fs = tmpfsSuper(d_sb)
    m.text += limitText('size', fs.max_blocks, 'k', PAGE_SIZE / 1024) + limitText('nr_inodes', fs.max_inodes, '', 1)
    if (fs.mode !== 0o1777) m.text += `,mode=${fs.mode.toString(8).padStart(3, '0')}`
    if (fs.uid !== 0) m.text += `,uid=${fs.uid}`
    if (fs.gid !== 0) m.text += `,gid=${fs.gid}`
    m.text += fs.full_inums ? ',inode64' : ',inode32'
    if (fs.noswap) m.text += ',noswap'
    m.text += quotaOptionsText(superState(d_sb).quotas, fs.quotaLimits)
    return 0
  }

  const { evict_inode } = inodes
  /** Drawn when somebody asks for the first time. */
  const uuid = (sb: SuperBlock): Uint8Array => (tmpfsSuper(sb).uuid ??= machine.random(16))
  const s_op = superOperations({ statfs, show_options, evict_inode, sync_fs: () => 0, uuid, exports: true })

  const limit = (fs: TmpfsSuper, { size, inodes: count }: TmpfsOptions): void => {
    if (size !== null) fs.max_blocks = size === 0 ? Infinity : Math.ceil(size / PAGE_SIZE)
    if (count !== null) fs.max_inodes = count === 0 ? Infinity : count
  }

  const fill = (fc: FsContext, sb: SuperBlock): Inode | number => {
    const own = options(fc)
    const fs = tmpfsSuper(sb)
    // The kernel's own is unlimited; others get half of the memory, and an inode for each page of that.
    if ((fc.sb_flags & SB_KERNMOUNT) === 0) fs.max_blocks = fs.max_inodes = defaultPages
    limit(fs, own)
    const { mode, uid, gid, full_inums, noswap, quota } = own
    Object.assign(fs, { mode, uid, gid, full_inums, noswap })
    superState(sb).quotas = quota.make()
    if (quota.wanted) fs.quotaLimits = quota.limits
    sb.s_magic = TMPFS_MAGIC
    sb.s_maxbytes = MAX_FILE_SIZE
    sb.s_flags |= SB_NOSEC | SB_POSIXACL
    const root = inodes.get_inode(nop_mnt_idmap, sb, null, S_IFDIR | mode, 0)
    if (typeof root === 'number') return root
    root.i_uid = uid
    root.i_gid = gid
    return root
  }

  /** As `shmem_reconfigure`: what was unlimited stays so, and nothing gets too small for what is there. */
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

  return {
    name: 'tmpfs',
    get_inode: inodes.get_inode,
    fs_flags: FS_USERNS_MOUNT | FS_ALLOW_IDMAP,
    parse_param,
    get_tree: (fc) =>
      machine.vfs.get_tree_nodev(fc, s_op, s_xattr, new TmpfsSuper(machine.ceiling), (sb) => fill(fc, sb)),
    reconfigure(fc) {
      const own = options(fc)
      const { d_sb } = fc.root as Dentry
      if (!mayReconfigure(d_sb, own)) return -EINVAL
      limit(tmpfsSuper(d_sb), own)
      return 0
    },
  }
}
