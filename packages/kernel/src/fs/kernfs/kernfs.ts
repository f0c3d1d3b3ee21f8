/** Inodes, names and super blocks of a tree of kernfs nodes (fs/kernfs/inode.c, dir.c, mount.c, symlink.c). */
import {
  ATTR_ATIME, ATTR_CTIME, ATTR_GID, ATTR_MODE, ATTR_MTIME, ATTR_UID, EEXIST, EINVAL, EISDIR, ENODATA, ENODEV, ENOENT,
  ENOMEM, ENOSPC, EOPNOTSUPP, EPERM, ESTALE, S_IFDIR, S_IFLNK, S_IFMT, SB_I_NODEV, SB_I_NOEXEC, XATTR_CREATE,
  XATTR_REPLACE, XATTR_SECURITY_PREFIX, XATTR_TRUSTED_PREFIX, XATTR_USER_PREFIX,
} from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, FsContext, Iattr, Inode, KeyMap, MntIdmap, Path, SuperBlock } from '@lsmkit/core'
import { COST } from '../../state/memory-costs.ts'
import type { Machine } from '../../machine.ts'
import { empty_dir_inode_operations, is_empty_dir_inode } from '../../vfs/empty-dir.ts'
import type { Kstat } from '../../state/vfs/kstat.ts'
import { dtType, emitDots } from '../../vfs/readdir.ts'
import { generic_file_llseek } from '../../vfs/rw.ts'
import { generic_fillattr } from '../../vfs/stat.ts'
import { superState } from '../../state/vfs/state.ts'
import { fileOperations, inodeOperations, superOperations } from '../../state/vfs/driver.ts'
import type { InodeOperations, XattrHandler } from '../../state/vfs/driver.ts'
import { kernfsFiles, kernfsNode } from './file.ts'
import { wayFrom } from '../../state/kernfs/node.ts'
import type { KernfsNode, KernfsOpenFile } from '../../state/kernfs/node.ts'
import type { KernfsRoot } from './root.ts'

const FILEID_KERNFS = 0xfe
const END_OF_DIR = 0x7fffffff
const MAX_USER_XATTRS = 128
const USER_XATTR_SIZE_LIMIT = 128 << 10

/** For whom a super block shows the tree: a network namespace, or null where all see the same. */
export const kernfs_super_ns = (sb: SuperBlock): object | null => superState(sb).fs as object | null

export interface KernfsType {
  readonly root: KernfsRoot
  readonly magic: number
  /** The tree's own part of opening a file. */
  readonly opened?: (of: KernfsOpenFile) => void
}

/** The text of a link at `from`: the way from its directory to `to` (kernfs_get_target_path). */
const linkText = (from: KernfsNode, to: KernfsNode): string => {
  const { up, down } = wayFrom(from.parent!, to)
  return [...Array<string>(up).fill('..'), ...down].join('/')
}

export const kernfs = (lsm: KeyMap, machine: Machine, { root, magic, opened = () => {} }: KernfsType) => {
  const { vfs } = machine
  const { rules } = root

  /** As `kernfs_refresh_inode`: what stat and permission checks see is what the node says. */
  const refresh = (kn: KernfsNode, inode: Inode): void => {
    inode.i_mode = kn.mode
    if (kn.isDir) inode.i_nlink = kn.subdirs + 2
    const { iattr } = kn
    if (iattr === null) return
    inode.i_uid = iattr.uid
    inode.i_gid = iattr.gid
    ;[inode.i_atime_sec, inode.i_atime_nsec] = [iattr.atime.sec, iattr.atime.nsec]
    ;[inode.i_mtime_sec, inode.i_mtime_nsec] = [iattr.mtime.sec, iattr.mtime.nsec]
    ;[inode.i_ctime_sec, inode.i_ctime_nsec] = [iattr.ctime.sec, iattr.ctime.nsec]
  }

  /** The inode of a node, which outlives its names; null when an LSM refuses it. */
  const kernfs_get_inode = (sb: SuperBlock, kn: KernfsNode): Inode | null => {
    const known = kn.inodes.get(sb)
    if (known !== undefined) return known
    const type = kn.mode & S_IFMT
    const i_op = kn.isEmptyDir ? empty_dir_inode_operations
      : type === S_IFDIR ? dirInode : type === S_IFLNK ? linkInode : fileInode
    const inode = vfs.new_inode(sb, kn.mode, i_op, type === S_IFDIR ? dirFile : fileFile, kn)
    if (inode === null) return null
    inode.i_ino = kn.id
    inode.i_size = kn.size
    refresh(kn, inode)
    kn.inodes.set(sb, inode)
    return inode
  }

  const lookup = (dir: Inode, dentry: Dentry): number => {
    const kn = kernfsNode(dir).children!.get(dentry.d_name.name) ?? null
    const inode = kn === null ? null : kernfs_get_inode(dir.i_sb, kn)
    if (kn !== null && inode === null) return -ENOMEM
    vfs.d_add(dentry, inode)
    return 0
  }

  /** As `kernfs_dop_revalidate`. */
  const d_revalidate = ({ d_inode, d_name, d_parent }: Dentry): number => {
    if (d_inode === null || d_parent === null) return d_inode === null ? 0 : 1
    const kn = kernfsNode(d_inode)
    return kn.active && kn.name === d_name.name && kn.parent === kernfsNode(d_parent.d_inode!) ? 1 : 0
  }

  const permission = (inode: Inode, mask: number): number => {
    refresh(kernfsNode(inode), inode)
    return vfs.generic_permission(nop_mnt_idmap, inode, mask)
  }

  const getattr = (path: Path, stat: Kstat): number => {
    const inode = path.dentry.d_inode!
    refresh(kernfsNode(inode), inode)
    generic_fillattr(nop_mnt_idmap, inode, stat)
    return 0
  }

  /** The size does not change, whatever is asked. */
  const setattr = (_idmap: MntIdmap, dentry: Dentry, attr: Iattr): number => {
    const inode = dentry.d_inode!
    const rc = vfs.setattr_prepare(nop_mnt_idmap, dentry, attr)
    if (rc !== 0) return rc
    const kn = kernfsNode(inode)
    const iattr = root.iattrs(kn)
    vfs.setattr_copy(nop_mnt_idmap, inode, attr)
    const { ia_valid } = attr
    if ((ia_valid & ATTR_UID) !== 0) iattr.uid = inode.i_uid
    if ((ia_valid & ATTR_GID) !== 0) iattr.gid = inode.i_gid
    if ((ia_valid & ATTR_ATIME) !== 0) iattr.atime = { sec: inode.i_atime_sec, nsec: inode.i_atime_nsec }
    if ((ia_valid & ATTR_MTIME) !== 0) iattr.mtime = { sec: inode.i_mtime_sec, nsec: inode.i_mtime_nsec }
    if ((ia_valid & ATTR_CTIME) !== 0) iattr.ctime = { sec: inode.i_ctime_sec, nsec: inode.i_ctime_nsec }
    if ((ia_valid & ATTR_MODE) !== 0) kn.mode = inode.i_mode
    return 0
  }

  const listxattr = (dentry: Dentry): readonly string[] | number =>
    vfs.simple_xattr_list(dentry.d_inode!, [...kernfsNode(dentry.d_inode!).xattrs.keys()].sort().reverse())

  const mkdir = (_idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number => {
    if (rules.mkdir === undefined) return -EPERM
    const parent = kernfsNode(dir)
    return parent.active ? rules.mkdir(parent, dentry.d_name.name, mode) : -ENODEV
  }

  const rmdir = (_dir: Inode, dentry: Dentry): number => {
    if (rules.rmdir === undefined) return -EPERM
    const kn = kernfsNode(dentry.d_inode!)
    return kn.active ? rules.rmdir(kn) : -ENODEV
  }

  /** No tree here lets its names be moved. */
  const rename: InodeOperations['rename'] = (_idmap, _oldDir, _oldDentry, _newDir, _newDentry, flags) =>
    flags !== 0 ? -EINVAL : -EPERM

  const common = { permission, getattr, setattr, listxattr }
  const dirInode = inodeOperations({ lookup, mkdir, rmdir, rename, ...common })
  const fileInode = inodeOperations(common)
  const linkInode = inodeOperations({
    ...common,
    get_link: (_dentry, inode) => {
      const kn = kernfsNode(inode)
      return linkText(kn, kn.target!)
    },
  })

  const fileFile = kernfsFiles(opened)
  const dirFile = fileOperations({
    read: () => -EISDIR,
    llseek: (file, offset, whence) => generic_file_llseek(file, offset, whence, Number.MAX_SAFE_INTEGER, 0),
    iterate_shared(file, ctx) {
      if (!emitDots(file, ctx)) return 0
      // the root has number 1, so that no node's lies among those of the dots
      for (const kn of kernfsNode(file.f_inode).childrenFrom(ctx.pos)) {
        ctx.pos = kn.id
        if (!ctx.emit(kn.name, kn.id, dtType(kn.mode))) return 0
      }
      ctx.pos = END_OF_DIR
      return 0
    },
  })

  const setXattr = (kn: KernfsNode, name: string, value: Uint8Array | null, flags: number): number => {
    const isThere = kn.xattrs.has(name)
    if (isThere && (flags & XATTR_CREATE) !== 0) return -EEXIST
    if (!isThere && (flags & XATTR_REPLACE) !== 0) return -ENODATA
    const before = kn.xattrs.get(name)
    const space = (of: Uint8Array | null | undefined): number => (of ? COST.xattr + 2 * name.length + of.length : 0)
    if (!kn.charge(space(value) - space(before))) return -ENOMEM
    if (value === null) kn.xattrs.delete(name)
    else kn.xattrs.set(name, value)
    return 0
  }

  /** As `kernfs_vfs_user_xattr_add`: room for the new value is taken before that of the old one is given back. */
  const userRoom = (kn: KernfsNode, value: Uint8Array): boolean => {
    let count = 1
    let size = value.length
    for (const [name, { length }] of kn.xattrs) {
      if (!name.startsWith(XATTR_USER_PREFIX)) continue
      count++
      size += length
    }
    return count <= MAX_USER_XATTRS && size <= USER_XATTR_SIZE_LIMIT
  }

  const handler = (prefix: string): XattrHandler => ({
    prefix,
    get: (inode, name) =>
      is_empty_dir_inode(inode) ? -EOPNOTSUPP : (kernfsNode(inode).xattrs.get(prefix + name) ?? -ENODATA),
    set(inode, name, value, flags) {
      if (is_empty_dir_inode(inode)) return -EOPNOTSUPP
      const kn = kernfsNode(inode)
      if (prefix === XATTR_USER_PREFIX) {
        if (rules.user_xattr !== true) return -EOPNOTSUPP
        if (value !== null && !userRoom(kn, value)) return -ENOSPC
      }
      return setXattr(kn, prefix + name, value, flags)
    },
  })
  const s_xattr = [XATTR_TRUSTED_PREFIX, XATTR_SECURITY_PREFIX, XATTR_USER_PREFIX].map(handler)

  /** The name of a node on a super block, looked up from its root; `find` looks one name up. */
  const dentryOf = (
    kn: KernfsNode, sb: SuperBlock, find: (name: string, base: Dentry) => Dentry | number,
  ): Dentry | number => {
    let at = sb.s_root!
    for (const { name } of [...kn.ancestry()].reverse().slice(1)) {
      const next = find(name, at)
      if (typeof next === 'number') return next
      if (next.d_inode === null) return -ENOENT
      at = next
    }
    return at
  }
  /** As `kernfs_node_dentry`: search permission is asked on the way. */
  const kernfs_node_dentry = (kn: KernfsNode, sb: SuperBlock): Dentry | number =>
    dentryOf(kn, sb, (name, base) => vfs.lookup_one(nop_mnt_idmap, name, base))

  const s_op = superOperations({
    statfs: (_dentry, buf) => {
      buf.f_type = magic
      return 0
    },
    d_revalidate,
    evict_inode: (inode) => void kernfsNode(inode).inodes.delete(inode.i_sb),
    ...rules.super_ops,
    ...(rules.exportop !== true ? {} : {
      exports: true,
      encode_fh: ({ i_ino }: Inode) => {
        const f_handle = new Uint8Array(8)
        new DataView(f_handle.buffer).setBigUint64(0, BigInt(i_ino), true)
        return { handle_type: FILEID_KERNFS, f_handle }
      },
      fh_to_dentry: (sb: SuperBlock, type: number, bytes: Uint8Array) => {
        if (type !== FILEID_KERNFS || bytes.length < 8) return -ESTALE
        const kn = root.byId(Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)))
        return kn === null ? -ESTALE : dentryOf(kn, sb, (name, base) => vfs.lookup_one_qstr_excl(name, base, 0))
      },
    }),
  })

  /** One super block for each namespace, shared by all its mounts. */
  const supers = new Map<object | null, SuperBlock>()

  /** As `kernfs_get_tree`: all of them belong to the initial user namespace. */
  const get_tree = (fc: FsContext, ns: object | null, s_iflags = 0): number => {
    const known = supers.get(ns)
    if (known !== undefined && known.s_root !== null) return vfs.share_super(fc, known)
    const sb = vfs.alloc_super(fc.fs_type, fc.sb_flags, machine.init_user_ns, s_op, s_xattr, ns)
    if (sb === null) return -ENOMEM
    vfs.sget(sb)
    superState(sb).isCache = true
    sb.s_magic = magic
    sb.s_iflags |= SB_I_NOEXEC | SB_I_NODEV | s_iflags
    const inode = kernfs_get_inode(sb, root.node)
    if (inode === null) {
      vfs.sput(sb)
      return -ENOMEM
    }
    vfs.activate(sb, vfs.d_make_root(inode))
    fc.root = sb.s_root
    supers.set(ns, sb)
    return 0
  }

  /** As `kernfs_node_from_dentry`; null for another file system. */
  const kernfs_node_from_dentry = ({ d_sb, d_inode }: Dentry): KernfsNode | null =>
    superState(d_sb).s_op === s_op && d_inode !== null ? kernfsNode(d_inode) : null

  return { get_tree, kernfs_get_inode, kernfs_node_dentry, kernfs_node_from_dentry }
}
export type Kernfs = ReturnType<typeof kernfs>
