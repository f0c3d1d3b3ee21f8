/**
 * ramfs: files in memory without limits or quotas of its own (the ceiling of all files in memory counts), and without
 * attributes but those that LSMs keep with the inode (fs/ramfs/inode.c). Contents lie in pages as those of tmpfs do.
 */
import {
  ATTR_SIZE, EINVAL, ENAMETOOLONG, ENOPARAM, ENOSPC, FS_USERNS_MOUNT, fs_value_is_string, PATH_MAX, RAMFS_MAGIC,
  S_IALLUGO, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, File, FsContext, Iattr, Inode, KeyMap, MntIdmap, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { byteLength, isTooLong } from '../../state/vfs/names.ts'
import { generic_file_llseek } from '../../vfs/rw.ts'
import { inodeState, superState } from '../../state/vfs/state.ts'
import { fileOperations, inodeOperations, superOperations } from '../../state/vfs/driver.ts'
import type { FileSystem } from '../../state/vfs/driver.ts'
import { tmpfsBlocks } from '../tmpfs/blocks.ts'
import { byMknod } from '../tmpfs/by-mknod.ts'
import { BOGO_INODE_SIZE } from '../../state/ceiling.ts'
import { MAX_FILE_SIZE, tmpfsFiles } from '../tmpfs/file.ts'
import { TmpfsNode, tmpfsNode, TmpfsSuper, tmpfsSuper } from '../tmpfs/node.ts'
import { Pages } from '../tmpfs/pages.ts'

const DEFAULT_MODE = 0o755

class RamfsSuper extends TmpfsSuper {
  override mode = DEFAULT_MODE
}
const optionsOf = (fc: FsContext): { mode: number } => (fc.fs_private ??= { mode: DEFAULT_MODE }) as { mode: number }

export const ramfs = (lsm: KeyMap, machine: Machine): FileSystem => {
  const { vfs } = machine
  const { account } = tmpfsBlocks(machine)
  const { simple_link: link, simple_unlink: unlink, simple_rmdir: rmdir, simple_rename: rename } = vfs

  /** No directory passes on what tmpfs calls flags, and nothing is asked but what every inode is. */
  const get_inode = (sb: SuperBlock, dir: Inode | null, mode: number, dev: number): Inode | null => {
    const type = mode & S_IFMT
    const { sec, nsec } = machine.now()
    const i_op = type === S_IFREG ? fileInode : type === S_IFDIR ? dirInode : type === S_IFLNK ? linkInode : plainInode
    const fop = type === S_IFREG ? fileOps : type === S_IFDIR ? vfs.simple_dir_operations : vfs.special_fops(type)
    const fs = tmpfsSuper(sb)
    if (!fs.reserve(BOGO_INODE_SIZE)) return null
    const node = new TmpfsNode(type === S_IFREG ? new Pages() : null, sec, nsec)
    const inode = vfs.new_inode(sb, mode, i_op, fop, node)
    if (inode === null) {
      fs.used_ispace -= BOGO_INODE_SIZE
      return null
    }
    vfs.inode_init_owner(nop_mnt_idmap, inode, dir, mode)
    inode.i_rdev = dev
    if (type === S_IFDIR) inode.i_nlink = 2
    return inode
  }

  /** A new inode that the LSMs have labelled; there is nowhere to store what they would store. */
  const make = (dir: Inode, dentry: Dentry, mode: number, dev: number): Inode | number => {
    const inode = get_inode(dir.i_sb, dir, mode, dev)
    if (inode === null) return -ENOSPC
    const rc = lsm.inode_init_security.ask(inode, dir, dentry.d_name, null, null)
    if (rc === 0) return inode
    vfs.evictIfUnused(inode)
    return rc
  }
  const addName = (dir: Inode, dentry: Dentry, inode: Inode): number => {
    vfs.d_instantiate(dentry, inode)
    vfs.touchModified(dir)
    return 0
  }

  const mknod = (_idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number, dev: number): number => {
    const inode = make(dir, dentry, mode, dev)
    return typeof inode === 'number' ? inode : addName(dir, dentry, inode)
  }
  const { create, mkdir } = byMknod(mknod)

  const symlink = (_idmap: MntIdmap, dir: Inode, dentry: Dentry, target: string): number => {
    const length = byteLength(target)
    if (length + 1 > PATH_MAX) return -ENAMETOOLONG
    const inode = make(dir, dentry, S_IFLNK | 0o777, 0)
    if (typeof inode === 'number') return inode
    if (!inodeState(inode).charge(2 * target.length)) {
      vfs.evictIfUnused(inode)
      return -ENOSPC
    }
    inode.i_size = length
    inodeState(inode).makeRare().i_link = target
    return addName(dir, dentry, inode)
  }

  const tmpfile = (_idmap: MntIdmap, dir: Inode, file: File, mode: number): number => {
    const inode = make(dir, file.f_path.dentry, mode, 0)
    if (typeof inode === 'number') return inode
    inode.i_nlink = 0
    vfs.d_tmpfile(file.f_path.dentry, inode)
    return 0
  }

  const lookup = (_dir: Inode, dentry: Dentry): number => {
    if (isTooLong(dentry.d_name.name)) return -ENAMETOOLONG
    vfs.d_add(dentry, null)
    return 0
  }

  /** As `simple_setattr`: what lies behind a smaller size is forgotten. */
  const setattr = (idmap: MntIdmap, dentry: Dentry, attr: Iattr): number => {
    const inode = dentry.d_inode!
    const before = inode.i_size
    const rc = vfs.simple_setattr(idmap, dentry, attr)
    if (rc !== 0 || (attr.ia_valid & ATTR_SIZE) === 0 || inode.i_size > before) return rc
    const pages = tmpfsNode(inode).pages!
    const { count, bytes } = pages
    pages.truncate(inode.i_size)
    account(inode, count, bytes)
    return 0
  }

  const dirInode = inodeOperations({
    lookup, create, link, unlink, symlink, mkdir, rmdir, mknod, rename, tmpfile,
  })
  const fileInode = inodeOperations({ setattr })
  const linkInode = inodeOperations({ get_link: (_dentry, inode) => inodeState(inode).rare?.i_link ?? '' })
  const plainInode = inodeOperations({})
  /** No holes are told, none are made, and nothing is sealed. */
  const fileOps = fileOperations({
    ...tmpfsFiles(machine),
    open: null,
    fallocate: null,
    seals: null,
    llseek: (file, offset, whence) => generic_file_llseek(file, offset, whence, MAX_FILE_SIZE, file.f_inode.i_size),
  })

  const s_op = superOperations({
    evict_inode(inode) {
      const fs = tmpfsSuper(inode.i_sb)
      fs.used_ispace -= BOGO_INODE_SIZE
      fs.used_blocks -= tmpfsNode(inode).pages?.count ?? 0
    },
    statfs: (_dentry, buf) => {
      buf.f_type = RAMFS_MAGIC
      return 0
    },
    show_options: (m, { d_sb }) => {
      const { mode } = superState(d_sb).fs as RamfsSuper
      if (mode !== DEFAULT_MODE) m.text += `,mode=${mode.toString(8)}`
      return 0
    },
  })

  const fill = (fc: FsContext, sb: SuperBlock): Inode | number => {
    const { mode } = optionsOf(fc)
    ;(superState(sb).fs as RamfsSuper).mode = mode
    sb.s_magic = RAMFS_MAGIC
    sb.s_maxbytes = MAX_FILE_SIZE
    return get_inode(sb, null, S_IFDIR | mode, 0) ?? -ENOSPC
  }

  return {
    name: 'ramfs',
    fs_flags: FS_USERNS_MOUNT,
    /** Options that mean nothing are taken in silence, as ever. */
    parse_param(fc, { key, type, string }) {
      if (key === 'source') return -ENOPARAM
      if (key !== 'mode') return 0
      if (type !== fs_value_is_string || string === null || !/^[0-7]+$/.test(string)) return -EINVAL
      optionsOf(fc).mode = Number.parseInt(string, 8) & S_IALLUGO
      return 0
    },
    get_tree: (fc) => vfs.get_tree_nodev(fc, s_op, [], new RamfsSuper(machine.ceiling), (sb) => fill(fc, sb)),
    reconfigure: null,
  }
}
