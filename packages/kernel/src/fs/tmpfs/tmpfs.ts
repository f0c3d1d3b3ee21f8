/** tmpfs: the file system that lives in memory, with its mount options and statistics (mm/shmem.c). */
import {
  EINVAL, ENOPARAM, FS_ALLOW_IDMAP, FS_USERNS_MOUNT, fs_value_is_string, NAME_MAX, PAGE_SIZE, S_IFDIR, SB_NOSEC,
  SB_POSIXACL, TMPFS_MAGIC,
} from '@lsmkit/abi'
import { make_kgid, make_kuid, nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, FsContext, FsParameter, Inode, KeyMap, SeqFile, SuperBlock } from '@lsmkit/core'
import { superOperations } from '../driver.ts'
import type { FileSystem } from '../driver.ts'
import type { Machine } from '../../machine.ts'
import type { Kstatfs } from '../../vfs/kstat.ts'
import { MAX_FILE_SIZE } from './file.ts'
import { tmpfsInodes, tmpfsXattrs } from './inodes.ts'
import type { TmpfsInodes } from './inodes.ts'
import { TmpfsSuper, tmpfsSuper } from './node.ts'

/** Options of one mount, as they are parsed. */
class TmpfsOptions {
  size: number | null = null
  inodes: number | null = null
  mode = 0o1777
  uid: number
  gid: number

  constructor(uid: number, gid: number) {
    this.uid = uid
    this.gid = gid
  }
}

const SUFFIX: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

/** `64m` in bytes (memparse); null when it is no size. */
const parseSize = (text: string): number | null => {
  const match = /^(0x[0-9a-f]+|\d+)([kmgt]?)$/i.exec(text)
  return match === null ? null : Number(match[1]) * SUFFIX[(match[2] as string).toLowerCase()]!
}

const parseNumber = (text: string | null, base: number): number | null => {
  const pattern = base === 8 ? /^[0-7]+$/ : /^\d+$/
  return text !== null && pattern.test(text) ? Number.parseInt(text, base) : null
}

/** The type, and how the kernel makes files of its own on it. */
export interface Tmpfs extends FileSystem {
  readonly get_inode: TmpfsInodes['get_inode']
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
    if (key === 'size') return (own.size = parseSize(text)) !== null
    if (key === 'nr_blocks') {
      const blocks = parseSize(text)
      own.size = blocks === null ? null : blocks * PAGE_SIZE
      return blocks !== null
    }
    if (key === 'nr_inodes') return (own.inodes = parseSize(text)) !== null
    const value = parseNumber(text, key === 'mode' ? 8 : 10)
    if (value === null) return false
    if (key === 'mode') own.mode = value & 0o7777
    if (key === 'uid') own.uid = make_kuid(fc.user_ns, value)
    if (key === 'gid') own.gid = make_kgid(fc.user_ns, value)
    return true
  }
  const KNOWN = new Set(['size', 'nr_blocks', 'nr_inodes', 'mode', 'uid', 'gid'])

  const parse_param = (fc: FsContext, param: FsParameter): number => {
    if (!KNOWN.has(param.key)) return -ENOPARAM
    if (param.type !== fs_value_is_string || param.string === null) return -EINVAL
    return setOption(fc, param.key, param.string) ? 0 : -EINVAL
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
      buf.f_ffree = fs.max_inodes - fs.used_inodes
    }
    return 0
  }

  const show_options = (m: SeqFile, root: Dentry): number => {
    const fs = tmpfsSuper(root.d_sb)
    const inode = root.d_sb.s_root?.d_inode as Inode
    if (fs.max_blocks !== Infinity) m.text += `,size=${(fs.max_blocks * PAGE_SIZE) / 1024}k`
    if (fs.max_inodes !== Infinity) m.text += `,nr_inodes=${fs.max_inodes}`
    if ((inode.i_mode & 0o7777) !== 0o1777) m.text += `,mode=${(inode.i_mode & 0o7777).toString(8).padStart(3, '0')}`
    if (inode.i_uid !== 0) m.text += `,uid=${inode.i_uid}`
    if (inode.i_gid !== 0) m.text += `,gid=${inode.i_gid}`
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
    limit(tmpfsSuper(sb), own)
    sb.s_magic = TMPFS_MAGIC
    sb.s_maxbytes = MAX_FILE_SIZE
    sb.s_flags |= SB_NOSEC | SB_POSIXACL
    const root = inodes.get_inode(nop_mnt_idmap, sb, null, S_IFDIR | own.mode, 0)
    if (typeof root === 'number') return root
    root.i_uid = own.uid
    root.i_gid = own.gid
    return root
  }

  return {
    name: 'tmpfs',
    get_inode: inodes.get_inode,
    fs_flags: FS_USERNS_MOUNT | FS_ALLOW_IDMAP,
    parse_param,
    get_tree: (fc) => machine.vfs.get_tree_nodev(fc, s_op, s_xattr, new TmpfsSuper(), (sb) => fill(fc, sb)),
    reconfigure(fc) {
      const own = options(fc)
      const fs = tmpfsSuper((fc.root as Dentry).d_sb)
      if (own.size !== null && own.size !== 0 && Math.ceil(own.size / PAGE_SIZE) < fs.used_blocks) return -EINVAL
      if (own.inodes !== null && own.inodes !== 0 && own.inodes < fs.used_inodes) return -EINVAL
      limit(fs, own)
      return 0
    },
  }
}
