/**
 * ramfs: files in memory without limits or quotas (but the ceiling of all files in memory), and without stored
 * attributes (fs/ramfs/inode.c). Contents are in pages, as in tmpfs.
 */
import {
  ATTR_SIZE, EINVAL, ENAMETOOLONG, ENOPARAM, ENOSPC, FS_USERNS_MOUNT, fs_value_is_string, PATH_MAX, RAMFS_MAGIC,
  S_IALLUGO, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, File, FsContext, Iattr, Inode, MntIdmap, SuperBlock, FsParameter } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { byteLength } from '../../state/vfs/names.ts'
import { generic_file_llseek } from '../../vfs/rw.ts'
import { inodeState, superState } from '../../state/vfs/state.ts'
import { fileOperations, inodeOperations, superOperations } from '../../state/vfs/driver.ts'
import type { FileSystem } from '../../state/vfs/driver.ts'
import { lookup } from '../tmpfs/names.ts'
import { account_pages } from '../tmpfs/blocks.ts'
import { byMknod } from '../tmpfs/by-mknod.ts'
import { BOGO_INODE_SIZE } from '../../state/ceiling.ts'
import { MAX_FILE_SIZE, tmpfsFiles } from '../tmpfs/file.ts'
import { TmpfsNode, tmpfsNode, TmpfsSuper, tmpfsSuper } from '../tmpfs/node.ts'
import { Pages } from '../tmpfs/pages.ts'
import { simple_get_link } from '../../state/vfs/simple-link.ts'
import { bound } from '../../state/bound.ts'

const DEFAULT_MODE = 0o755

class RamfsSuper extends TmpfsSuper {
  override mode = DEFAULT_MODE
}
const optionsOf = (fc: FsContext): { mode: number } => (fc.fs_private ??= { mode: DEFAULT_MODE }) as { mode: number }

class RamfsDriver {
  readonly machine: Machine
  readonly operations: ReturnType<typeof operationsOf>

  constructor(machine: Machine) {
    this.machine = machine
    this.operations = operationsOf(this)
  }
}

const linkInode = inodeOperations({ get_link: simple_get_link })
const plainInode = inodeOperations({})

/** As `ramfs_get_inode`; null if no more fit or an LSM refuses it. */
const get_inode = (own: RamfsDriver, sb: SuperBlock, dir: Inode | null, mode: number, dev: number): Inode | null => {
  const type = mode & S_IFMT
  const { machine: { vfs }, operations: { file, dir: dirInode, file_fops } } = own
  const { sec, nsec } = own.machine.now()
  const i_op = type === S_IFREG ? file : type === S_IFDIR ? dirInode : type === S_IFLNK ? linkInode : plainInode
  const fop = type === S_IFREG ? file_fops : type === S_IFDIR ? vfs.simple_dir_operations : vfs.special_fops(type)
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

/** A new inode with labels; attributes of LSMs are not stored. */
const make = (own: RamfsDriver, dir: Inode, dentry: Dentry, mode: number, dev: number): Inode | number => {
  const inode = get_inode(own, dir.i_sb, dir, mode, dev)
  if (inode === null) return -ENOSPC
  const rc = own.machine.lsm.inode_init_security.ask(inode, dir, dentry.d_name, null, null)
  if (rc === 0) return inode
  own.machine.vfs.evictIfUnused(inode)
  return rc
}

const addName = (own: RamfsDriver, dir: Inode, dentry: Dentry, inode: Inode): number => {
  own.machine.vfs.d_instantiate(dentry, inode)
  own.machine.vfs.touchModified(dir)
  return 0
}

const mknod = (own: RamfsDriver, _idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number, dev: number): number => {
  const inode = make(own, dir, dentry, mode, dev)
  return typeof inode === 'number' ? inode : addName(own, dir, dentry, inode)
}

const symlink = (own: RamfsDriver, _idmap: MntIdmap, dir: Inode, dentry: Dentry, target: string): number => {
  const length = byteLength(target)
  if (length + 1 > PATH_MAX) return -ENAMETOOLONG
  const inode = make(own, dir, dentry, S_IFLNK | 0o777, 0)
  if (typeof inode === 'number') return inode
  if (!inodeState(inode).charge(2 * target.length)) {
    own.machine.vfs.evictIfUnused(inode)
    return -ENOSPC
  }
  inode.i_size = length
  inodeState(inode).makeRare().i_link = target
  return addName(own, dir, dentry, inode)
}

const tmpfile = (own: RamfsDriver, _idmap: MntIdmap, dir: Inode, file: File, mode: number): number => {
  const inode = make(own, dir, file.f_path.dentry, mode, 0)
  if (typeof inode === 'number') return inode
  inode.i_nlink = 0
  own.machine.vfs.d_tmpfile(file.f_path.dentry, inode)
  return 0
}

/** As `simple_setattr`; pages behind a smaller size are dropped. */
const setattr = (machine: Machine, idmap: MntIdmap, dentry: Dentry, attr: Iattr): number => {
  const inode = dentry.d_inode!
  const before = inode.i_size
  const rc = machine.vfs.simple_setattr(idmap, dentry, attr)
  if (rc !== 0 || (attr.ia_valid & ATTR_SIZE) === 0 || inode.i_size > before) return rc
  const pages = tmpfsNode(inode).pages!
  const { count, bytes } = pages
  pages.truncate(inode.i_size)
  account_pages(machine, inode, count, bytes)
  return 0
}

/** Files have no holes and no seals. */
const noSeals = {
  open: null,
  fallocate: null,
  seals: null,
  llseek: (file: File, offset: number, whence: number): number =>
    generic_file_llseek(file, offset, whence, MAX_FILE_SIZE, file.f_inode.i_size),
}

const operationsOf = (own: RamfsDriver) => {
  const { machine } = own
  const { simple_link: link, simple_unlink: unlink, simple_rmdir: rmdir, simple_rename: rename } = machine.vfs
  const names = bound(own, { mknod, symlink, tmpfile })
  return {
    dir: inodeOperations({
      ...bound(machine, { lookup }), ...names, ...byMknod(names.mknod), link, unlink, rmdir, rename,
    }),
    file: inodeOperations(bound(machine, { setattr })),
    file_fops: fileOperations({ ...tmpfsFiles(machine), ...noSeals }),
  }
}

const evict_inode = (inode: Inode): void => {
  const fs = tmpfsSuper(inode.i_sb)
  fs.used_ispace -= BOGO_INODE_SIZE
  fs.used_blocks -= tmpfsNode(inode).pages?.count ?? 0
}

const s_op = superOperations({
  evict_inode,
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

const fill = (own: RamfsDriver, fc: FsContext, sb: SuperBlock): Inode | number => {
  const { mode } = optionsOf(fc)
  ;(superState(sb).fs as RamfsSuper).mode = mode
  sb.s_magic = RAMFS_MAGIC
  sb.s_maxbytes = MAX_FILE_SIZE
  return get_inode(own, sb, null, S_IFDIR | mode, 0) ?? -ENOSPC
}

/** Unknown options are ignored, as in the kernel. */
const parse_param = (fc: FsContext, { key, type, string }: FsParameter): number => {
  if (key === 'source') return -ENOPARAM
  if (key !== 'mode') return 0
  if (type !== fs_value_is_string || string === null || !/^[0-7]+$/.test(string)) return -EINVAL
  optionsOf(fc).mode = Number.parseInt(string, 8) & S_IALLUGO
  return 0
}

export const ramfs = (machine: Machine): FileSystem => {
  const own = new RamfsDriver(machine)
  return {
    name: 'ramfs',
    fs_flags: FS_USERNS_MOUNT,
    parse_param,
    get_tree: (fc) =>
      machine.vfs.get_tree_nodev(fc, s_op, [], new RamfsSuper(machine.ceiling), (sb) => fill(own, fc, sb)),
    reconfigure: null,
  }
}
