/** Inodes of tmpfs and what can be done in its directories (mm/shmem.c). */
import {
  ATTR_MODE, ATTR_SIZE, EEXIST, EINVAL, ENAMETOOLONG, ENODATA, ENOMEM, ENOSPC, ENOTEMPTY, EOPNOTSUPP, EPERM,
  F_SEAL_EXEC, F_SEAL_GROW, F_SEAL_SHRINK, FS_APPEND_FL, FS_IMMUTABLE_FL, FS_NOATIME_FL, FS_NODUMP_FL, PATH_MAX,
  RENAME_EXCHANGE, RENAME_NOREPLACE, RENAME_WHITEOUT, S_APPEND, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_IMMUTABLE,
  S_NOATIME, STATX_ATTR_APPEND, STATX_ATTR_IMMUTABLE, STATX_ATTR_NODUMP, STATX_BTIME, XATTR_CREATE,
  XATTR_NAME_POSIX_ACL_ACCESS, XATTR_REPLACE, XATTR_SECURITY_PREFIX, XATTR_TRUSTED_PREFIX, XATTR_USER_PREFIX,
} from '@lsmkit/abi'
import type { Dentry, File, Iattr, Inode, InitXattrs, KeyMap, MntIdmap, Path, PosixAcl, SuperBlock } from '@lsmkit/core'
import { inodeOperations } from '../driver.ts'
import type { FileAttr, InodeOperations, XattrHandler } from '../driver.ts'
import { COST } from '../../memory-costs.ts'
import type { Machine } from '../../machine.ts'
import { fileattr_of_flags, FS_XFLAG_COMMON } from '../../vfs/fileattr.ts'
import { byteLength, isTooLong } from '../../vfs/names.ts'
import { posix_acl_equiv_mode } from '../../vfs/posix-acl.ts'
import { generic_fillattr } from '../../vfs/stat.ts'
import type { Kstat } from '../../vfs/kstat.ts'
import { inodeState } from '../../vfs/state.ts'
import { offsetAdd, offsetMove, offsetRemove, offsetSwap, tmpfsDirs } from './dir.ts'
import { tmpfsFiles } from './file.ts'
import { tmpfsBlocks } from './blocks.ts'
import { BOGO_INODE_SIZE } from './ceiling.ts'
import { labelName, TmpfsNode, tmpfsNode, tmpfsSuper, xattrMemory, xattrSpace } from './node.ts'
import { Pages } from './pages.ts'
import { SimpleXattrs } from './simple-xattrs.ts'

/** What each name adds to the size of a directory. */
const BOGO_DIRENT_SIZE = 20
const WHITEOUT_DEV = 0
/** A shorter text of a link, its end counted, is kept beside the inode. */
const SHORT_SYMLINK_LEN = 128
/** What a new file takes over from its directory. */
const INHERITED = FS_NODUMP_FL | FS_NOATIME_FL
/** What chattr may change here. */
const MODIFIABLE = FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL
const S_FLAGS: readonly (readonly [number, number])[] = [
  [FS_NOATIME_FL, S_NOATIME], [FS_APPEND_FL, S_APPEND], [FS_IMMUTABLE_FL, S_IMMUTABLE],
]

const setFlags = (inode: Inode, fsflags: number): void => {
  tmpfsNode(inode).fsflags = fsflags
  for (const [flag, bit] of S_FLAGS) {
    inode.i_flags = (fsflags & flag) !== 0 ? inode.i_flags | bit : inode.i_flags & ~bit
  }
}

/** As `shmem_xattr_handler_set`: room for the new value is taken before that of the old one is given back. */
export const setStoredXattr = (inode: Inode, name: string, value: Uint8Array | null, flags: number): number => {
  const node = tmpfsNode(inode)
  const fs = tmpfsSuper(inode.i_sb)
  const before = node.xattrs?.get(name) ?? null
  const nameBytes = byteLength(name)
  const space = value === null ? 0 : xattrSpace(nameBytes, value)
  const memory = (value === null ? 0 : xattrMemory(name, value)) - (before === null ? 0 : xattrMemory(name, before))
  if (!fs.reserve(space)) return -ENOSPC
  const refused =
    before !== null && (flags & XATTR_CREATE) !== 0 ? -EEXIST
    : before === null && (flags & XATTR_REPLACE) !== 0 ? -ENODATA
    : inodeState(inode).charge(memory) ? 0 : -ENOMEM
  if (refused !== 0) {
    fs.used_ispace -= space
    return refused
  }
  const freed = before === null ? 0 : xattrSpace(nameBytes, before)
  fs.used_ispace -= freed
  const xattrs = (node.xattrs ??= new SimpleXattrs())
  xattrs.space += space - freed
  if (value === null) xattrs.delete(name)
  else xattrs.set(name, value.slice())
  return 0
}

export const tmpfsXattrs = (machine: Machine): readonly XattrHandler[] =>
  [XATTR_SECURITY_PREFIX, XATTR_TRUSTED_PREFIX, XATTR_USER_PREFIX].map((prefix) => ({
    prefix,
    get: (inode, name) => tmpfsNode(inode).xattrs?.get(prefix + name) ?? -ENODATA,
    set(inode, name, value, flags) {
      const rc = setStoredXattr(inode, prefix + name, value, flags)
      if (rc === 0) machine.vfs.touchChanged(inode)
      return rc
    },
  }))

export const tmpfsInodes = (lsm: KeyMap, machine: Machine) => {
  const {
    new_inode, inode_init_owner, touchModified, touchChanged, d_instantiate, d_tmpfile, d_add, d_alloc,
    isEmpty, special_fops, dquot_initialize, dquot_drop, dquot_alloc_inode, dquot_free_inode, dquot_free_space,
    dquot_transfer, setattr_prepare, setattr_copy, simple_xattr_list, evictIfUnused,
    simple_acl_create, simple_set_acl, posix_acl_chmod, simple_unlink, simple_rmdir, simple_rename_exchange, renameOver,
  } = machine.vfs
  const { reserveHoles, account } = tmpfsBlocks(machine)
  const fileOps = tmpfsFiles(lsm, machine)

  /** As `shmem_get_inode`; -ENOSPC when no more fit or an LSM refused it. */
  const get_inode = (
    idmap: MntIdmap, sb: SuperBlock, dir: Inode | null, mode: number, dev: number,
  ): Inode | number => {
    const fs = tmpfsSuper(sb)
    if (!fs.reserve(BOGO_INODE_SIZE)) return -ENOSPC
    const now = machine.now()
    const type = mode & S_IFMT
    const node = new TmpfsNode(type === S_IFREG ? new Pages() : null, now.sec, now.nsec)
    const ops = type === S_IFREG ? fileInode : type === S_IFDIR ? dirInode : type === S_IFLNK ? linkInode : specialInode
    const fop = type === S_IFREG ? fileOps : type === S_IFDIR ? tmpfsDirs : special_fops(type)
    const inode = new_inode(sb, mode, ops, fop, node)
    if (inode === null) {
      fs.used_ispace -= BOGO_INODE_SIZE
      return -ENOSPC
    }
    inode_init_owner(idmap, inode, dir, mode)
    inode.i_rdev = dev
    const inherited = dir === null ? 0 : tmpfsNode(dir).fsflags & INHERITED
    if (inherited !== 0) setFlags(inode, inherited)
    if (type === S_IFDIR) {
      inode.i_nlink = 2
      inode.i_size = 2 * BOGO_DIRENT_SIZE
    }
    dquot_initialize(inode)
    const rc = dquot_alloc_inode(inode)
    if (rc === 0) return inode
    dquot_drop(inode)
    evictIfUnused(inode)
    return rc
  }

  const initxattrs: InitXattrs = (inode, xattrs) => {
    const node = tmpfsNode(inode)
    const fs = tmpfsSuper(inode.i_sb)
    const kept = (node.xattrs ??= new SimpleXattrs())
    for (let i = 0; i < xattrs.length; i++) {
      const { name: suffix, value } = xattrs[i]!
      const { name, bytes } = labelName(suffix)
      const space = xattrSpace(bytes, value)
      if (!fs.reserve(space)) return -ENOSPC
      kept.space += space
      // the inode has been charged: what LSMs keep with it is part of it
      inodeState(inode).force(xattrMemory(name, value))
      kept.set(name, value)
    }
    return 0
  }

  /** Labels a new inode; when an LSM refuses, the inode is gone again. */
  const init_security = (inode: Inode, dir: Inode, dentry: Dentry | null): number => {
    const rc = lsm.inode_init_security.ask(inode, dir, dentry === null ? null : dentry.d_name, initxattrs, null)
    if (rc !== 0) evictIfUnused(inode)
    return rc
  }

  /** The new name is in the directory. */
  const addName = (dir: Inode, dentry: Dentry, inode: Inode): void => {
    offsetAdd(dir, dentry)
    dir.i_size += BOGO_DIRENT_SIZE
    touchModified(dir)
    d_instantiate(dentry, inode)
  }

  const mknod = (idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number, dev: number): number => {
    const inode = get_inode(idmap, dir.i_sb, dir, mode, dev)
    if (typeof inode === 'number') return inode
    let rc = simple_acl_create(dir, inode)
    if (rc !== 0) evictIfUnused(inode)
    else rc = init_security(inode, dir, dentry)
    if (rc !== 0) return rc
    addName(dir, dentry, inode)
    return 0
  }

  const create = (idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number =>
    mknod(idmap, dir, dentry, mode | S_IFREG, 0)

  const mkdir = (idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number => {
    const rc = mknod(idmap, dir, dentry, mode | S_IFDIR, 0)
    if (rc === 0) dir.i_nlink++
    return rc
  }

  /** A long text takes a page. */
  const storeText = (inode: Inode): number => {
    const pages = new Pages()
    const rc = reserveHoles(inode, pages, 0, 1)
    if (rc !== 0) return rc
    pages.allocate(0, 1)
    tmpfsNode(inode).pages = pages
    account(inode, 0, 0)
    return 0
  }

  const symlink = (idmap: MntIdmap, dir: Inode, dentry: Dentry, target: string): number => {
    const length = byteLength(target)
    if (length + 1 > PATH_MAX) return -ENAMETOOLONG
    const inode = get_inode(idmap, dir.i_sb, dir, S_IFLNK | 0o777, 0)
    if (typeof inode === 'number') return inode
    let rc = init_security(inode, dir, dentry)
    if (rc !== 0) return rc
    if (length >= SHORT_SYMLINK_LEN) rc = storeText(inode)
    // two bytes a unit at most
    if (rc === 0 && !inodeState(inode).charge(2 * target.length)) rc = -ENOMEM
    if (rc !== 0) {
      evictIfUnused(inode)
      return rc
    }
    inode.i_size = length
    inodeState(inode).makeRare().i_link = target
    addName(dir, dentry, inode)
    return 0
  }

  const link = (old_dentry: Dentry, dir: Inode, dentry: Dentry): number => {
    const inode = old_dentry.d_inode as Inode
    if (!inodeState(inode).hasRoom(COST.dentry)) return -ENOMEM
    if (inode.i_nlink > 0 && !tmpfsSuper(inode.i_sb).reserve(BOGO_INODE_SIZE)) return -ENOSPC
    inode.i_nlink++
    touchChanged(inode)
    addName(dir, dentry, inode)
    return 0
  }

  const unlink = (dir: Inode, dentry: Dentry): number => {
    const inode = dentry.d_inode as Inode
    if (inode.i_nlink > 1 && (inode.i_mode & S_IFMT) !== S_IFDIR) tmpfsSuper(inode.i_sb).used_ispace -= BOGO_INODE_SIZE
    offsetRemove(dir, dentry)
    dir.i_size -= BOGO_DIRENT_SIZE
    return simple_unlink(dir, dentry)
  }

  const rmdir = (dir: Inode, dentry: Dentry): number => simple_rmdir(dir, dentry, unlink)

  const exchange = (old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry): number => {
    offsetSwap(old_dir, old_dentry, new_dir, new_dentry)
    return simple_rename_exchange(old_dir, old_dentry, new_dir, new_dentry)
  }

  const rename = (
    idmap: MntIdmap, old_dir: Inode, old_dentry: Dentry, new_dir: Inode, new_dentry: Dentry, flags: number,
  ): number => {
    if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) !== 0) return -EINVAL
    if ((flags & RENAME_EXCHANGE) !== 0) return exchange(old_dir, old_dentry, new_dir, new_dentry)
    if (!isEmpty(new_dentry)) return -ENOTEMPTY
    if ((flags & RENAME_WHITEOUT) !== 0) {
      const whiteout = d_alloc(old_dentry.d_parent as Dentry, old_dentry.d_name.name)
      const rc = mknod(idmap, old_dir, whiteout, S_IFCHR, WHITEOUT_DEV)
      if (rc !== 0) return rc
    }
    offsetMove(old_dir, old_dentry, new_dir, new_dentry)
    old_dir.i_size -= BOGO_DIRENT_SIZE
    new_dir.i_size += BOGO_DIRENT_SIZE
    return renameOver(old_dir, old_dentry, new_dir, new_dentry, unlink)
  }

  const tmpfile = (idmap: MntIdmap, dir: Inode, file: File, mode: number): number => {
    const inode = get_inode(idmap, dir.i_sb, dir, mode, 0)
    if (typeof inode === 'number') return inode
    let rc = init_security(inode, dir, null)
    if (rc === 0) rc = simple_acl_create(dir, inode)
    if (rc !== 0) return rc
    inode.i_nlink = 0
    d_tmpfile(file.f_path.dentry, inode)
    return 0
  }

  const lookup = (_dir: Inode, dentry: Dentry): number => {
    if (isTooLong(dentry.d_name.name)) return -ENAMETOOLONG
    d_add(dentry, null)
    return 0
  }

  /** Seals that a change of size or mode would break. */
  const sealed = (inode: Inode, attr: Iattr): boolean => {
    const { seals } = tmpfsNode(inode)
    if (
      (attr.ia_valid & ATTR_MODE) !== 0 &&
      (seals & F_SEAL_EXEC) !== 0 &&
      ((inode.i_mode ^ attr.ia_mode) & 0o111) !== 0
    ) {
      return true
    }
    if ((attr.ia_valid & ATTR_SIZE) === 0) return false
    return (
      (attr.ia_size < inode.i_size && (seals & F_SEAL_SHRINK) !== 0) ||
      (attr.ia_size > inode.i_size && (seals & F_SEAL_GROW) !== 0)
    )
  }

  const resize = (inode: Inode, size: number): void => {
    const pages = tmpfsNode(inode).pages as Pages
    const { count, bytes } = pages
    if (size <= inode.i_size) pages.truncate(size)
    inode.i_size = size
    account(inode, count, bytes)
  }

  const setattr = (idmap: MntIdmap, dentry: Dentry, attr: Iattr): number => {
    const inode = dentry.d_inode as Inode
    const rc = setattr_prepare(idmap, dentry, attr)
    if (rc !== 0) return rc
    const sizes = (attr.ia_valid & ATTR_SIZE) !== 0 && (inode.i_mode & S_IFMT) === S_IFREG
    if (sealed(inode, attr)) return -EPERM
    const before = inode.i_size
    if (sizes) resize(inode, attr.ia_size)
    const error = dquot_transfer(idmap, inode, attr, inode.i_blocks * 512)
    if (error !== 0) return error
    setattr_copy(idmap, inode, attr)
    if (!sizes) touchChanged(inode)
    else if (before !== attr.ia_size || tmpfsNode(inode).pages?.count !== 0) touchModified(inode)
    return (attr.ia_valid & ATTR_MODE) !== 0 ? posix_acl_chmod(idmap, dentry) : 0
  }

  const getattr = (path: Path, stat: Kstat): number => {
    const inode = path.dentry.d_inode as Inode
    const node = tmpfsNode(inode)
    stat.attributes_mask |= STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE | STATX_ATTR_NODUMP
    if ((node.fsflags & FS_APPEND_FL) !== 0) stat.attributes |= STATX_ATTR_APPEND
    if ((node.fsflags & FS_IMMUTABLE_FL) !== 0) stat.attributes |= STATX_ATTR_IMMUTABLE
    if ((node.fsflags & FS_NODUMP_FL) !== 0) stat.attributes |= STATX_ATTR_NODUMP
    generic_fillattr(path.mnt.mnt_idmap, inode, stat)
    stat.btime_sec = node.crtime_sec
    stat.btime_nsec = node.crtime_nsec
    stat.result_mask |= STATX_BTIME
    return 0
  }

  const listxattr = (dentry: Dentry): readonly string[] | number => {
    const inode = dentry.d_inode as Inode
    return simple_xattr_list(inode, tmpfsNode(inode).xattrs?.names() ?? [])
  }

  /** As `shmem_fileattr_set`: project ids and extent hints are not kept. */
  const fileattr_set = (dentry: Dentry, fa: FileAttr): number => {
    const inode = dentry.d_inode as Inode
    const beyond = (fa.fsx_xflags & ~FS_XFLAG_COMMON) !== 0 || fa.fsx_extsize !== 0 || fa.fsx_projid !== 0
    if (fa.fsx && (beyond || fa.fsx_cowextsize !== 0)) return -EOPNOTSUPP
    if ((fa.flags & ~MODIFIABLE) !== 0) return -EOPNOTSUPP
    setFlags(inode, fa.flags)
    touchChanged(inode)
    return 0
  }
  const fileattr_get = (dentry: Dentry): FileAttr => fileattr_of_flags(tmpfsNode(dentry.d_inode as Inode).fsflags)

  const evict_inode = (inode: Inode): void => {
    const { pages, xattrs } = tmpfsNode(inode)
    const fs = tmpfsSuper(inode.i_sb)
    fs.used_ispace -= BOGO_INODE_SIZE + (xattrs?.space ?? 0)
    fs.used_blocks -= pages?.count ?? 0
    dquot_free_space(inode, inode.i_blocks * 512)
    dquot_free_inode(inode)
    dquot_drop(inode)
    pages?.truncate(0)
  }

  const set_acl = (idmap: MntIdmap, dentry: Dentry, acl: PosixAcl | null, name: string): number =>
    simple_set_acl(idmap, dentry.d_inode as Inode, acl, name)
  /** As `shmem_set_acl`: the mode of a sealed file cannot be changed through its ACL either. */
  const setFileAcl = (idmap: MntIdmap, dentry: Dentry, acl: PosixAcl | null, name: string): number => {
    const { i_mode } = dentry.d_inode as Inode
    const isSealed = (tmpfsNode(dentry.d_inode as Inode).seals & F_SEAL_EXEC) !== 0
    const mode = acl !== null && name === XATTR_NAME_POSIX_ACL_ACCESS ? posix_acl_equiv_mode(acl).mode : i_mode
    return isSealed && ((mode ^ i_mode) & 0o111) !== 0 ? -EPERM : set_acl(idmap, dentry, acl, name)
  }

  const fileInode: InodeOperations = inodeOperations({
    setattr, getattr, listxattr, fileattr_get, fileattr_set, set_acl: setFileAcl,
  })
  const linkInode = inodeOperations({
    getattr,
    listxattr,
    get_link: (_dentry, inode) => inodeState(inode).rare?.i_link ?? '',
  })
  const specialInode = inodeOperations({ setattr, getattr, listxattr, set_acl })
  const dirInode = inodeOperations({
    lookup, create, link, unlink, symlink, mkdir, rmdir, mknod, rename, tmpfile, setattr, getattr, listxattr,
    fileattr_get, fileattr_set, set_acl,
  })

  return { get_inode, evict_inode, init_security }
}

export type TmpfsInodes = ReturnType<typeof tmpfsInodes>
