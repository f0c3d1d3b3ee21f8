/** bpffs: names that keep maps, programs and links, and what a mount delegates to users (kernel/bpf/inode.c). */
import {
  BPF_FS_MAGIC, CAP_SYS_ADMIN, EINVAL, EIO, ENAMETOOLONG, ENOPARAM, ENOSPC, EPERM, FS_USERNS_MOUNT,
  fs_value_is_string, NAME_MAX, PAGE_SIZE, S_IALLUGO, S_IFDIR, S_IFLNK, S_IFMT, S_ISVTX,
} from '@lsmkit/abi'
import { capable, kgid_has_mapping, kuid_has_mapping, make_kgid, make_kuid, nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, FsContext, FsParameter, Inode, KeyMap, MntIdmap, SeqFile, SuperBlock } from '@lsmkit/core'
import type { Pinned } from './pinned.ts'
import { takePinned } from './pinned.ts'
import type { Machine } from '../machine.ts'
import { isTooLong } from '../state/vfs/names.ts'
import { inodeState, superState } from '../state/vfs/state.ts'
import { fileOperations, inodeOperations, superOperations } from '../state/vfs/driver.ts'
import type { FileOperations, FileSystem } from '../state/vfs/driver.ts'
import { delegationText, NO_DELEGATION, parseDelegation } from './delegation.ts'
import type { Delegation, DelegationKind } from './delegation.ts'

export type { Delegation } from './delegation.ts'

const ALL_RIGHTS = 0o777

/** Options of a mount as they are parsed, and what its super block keeps. */
class BpffsOptions {
  mode = ALL_RIGHTS
  uid: number
  gid: number
  delegation: Delegation = NO_DELEGATION

  constructor(uid: number, gid: number) {
    this.uid = uid
    this.gid = gid
  }
}

const optionsOf = (fc: FsContext): BpffsOptions =>
  (fc.fs_private ??= new BpffsOptions(fc.cred.fsuid, fc.cred.fsgid)) as BpffsOptions

/** `put`: the last name of what was pinned is gone, and nobody has it open under that name. */
export const bpffs = (lsm: KeyMap, machine: Machine, put: (held: Pinned) => void) => {
  const { vfs, current } = machine
  const {
    d_instantiate, d_add, touchModified, new_inode, inode_init_owner,
    simple_link, simple_unlink, simple_rmdir, simple_rename, simple_dir_operations,
  } = vfs

  /** As `bpf_get_inode`: no LSM labels it on the way, its file system is labelled as a whole. */
  const newInode = (sb: SuperBlock, mode: number, fops: FileOperations, dir: Inode | null = null): Inode | number => {
    const type = mode & S_IFMT
    const i_op = type === S_IFDIR ? dirInode : type === S_IFLNK ? linkInode : fileInode
    const inode = new_inode(sb, mode, i_op, fops, null)
    if (inode === null) return -ENOSPC
    inode_init_owner(nop_mnt_idmap, inode, dir, mode)
    return inode
  }

  const addName = (dir: Inode, dentry: Dentry, inode: Inode): number => {
    d_instantiate(dentry, inode)
    touchModified(dir)
    return 0
  }

  const mkdir = (_idmap: MntIdmap, dir: Inode, dentry: Dentry, mode: number): number => {
    const inode = newInode(dir.i_sb, mode | S_IFDIR, simple_dir_operations, dir)
    if (typeof inode === 'number') return inode
    inode.i_nlink = 2
    dir.i_nlink++
    return addName(dir, dentry, inode)
  }

  const symlink = (_idmap: MntIdmap, dir: Inode, dentry: Dentry, target: string): number => {
    const inode = newInode(dir.i_sb, S_IFLNK | 0o777, fileOperations({}), dir)
    if (typeof inode === 'number') return inode
    inodeState(inode).makeRare().i_link = target
    return addName(dir, dentry, inode)
  }

  /** Names with a dot are kept for the kernel's own. */
  const lookup = (dir: Inode, dentry: Dentry): number => {
    const { name } = dentry.d_name
    if ((dir.i_mode & S_IALLUGO) !== 0 && name.includes('.')) return -EPERM
    if (isTooLong(name)) return -ENAMETOOLONG
    d_add(dentry, null)
    return 0
  }

  const dirInode = inodeOperations({
    lookup, mkdir, symlink, link: simple_link, unlink: simple_unlink, rmdir: simple_rmdir, rename: simple_rename,
  })
  const linkInode = inodeOperations({ get_link: (_dentry, inode) => inodeState(inode).rare?.i_link ?? '' })
  const fileInode = inodeOperations({})
  /** What is pinned is had by BPF_OBJ_GET, never by open(2). */
  const fileOps = fileOperations({ open: () => -EIO })

  const isDir = (inode: Inode): boolean => inodeState(inode).i_op === dirInode
  const pinnedOf = (inode: Inode): Pinned | null =>
    inodeState(inode).i_op === fileInode ? (inodeState(inode).fs as Pinned | null) : null

  /** As `bpf_mkmap` and its kin: the name is one more user. */
  const addPinned = (dir: Inode, dentry: Dentry, mode: number, held: Pinned): number => {
    const inode = newInode(dir.i_sb, mode, fileOps, dir)
    if (typeof inode === 'number') return inode
    inodeState(inode).fs = held
    takePinned(held)
    return addName(dir, dentry, inode)
  }

  const evict_inode = (inode: Inode): void => {
    const held = pinnedOf(inode)
    if (held !== null) put(held)
  }

  const show_options = (m: SeqFile, root: Dentry): number => {
    const inode = root.d_inode as Inode
    const mode = inode.i_mode & S_IALLUGO & ~S_ISVTX
    if (inode.i_uid !== 0) m.text += `,uid=${inode.i_uid}`
    if (inode.i_gid !== 0) m.text += `,gid=${inode.i_gid}`
    if (mode !== ALL_RIGHTS) m.text += `,mode=${mode.toString(8)}`
    m.text += delegationText(delegationOf(root.d_sb)!)
    return 0
  }

  const s_op = superOperations({
    statfs: (_dentry, buf) => {
      buf.f_type = BPF_FS_MAGIC
      buf.f_bsize = PAGE_SIZE
      buf.f_namelen = NAME_MAX
      return 0
    },
    evict_inode, show_options,
  })

  /** Null for another file system. */
  const delegationOf = (sb: SuperBlock): Delegation | null =>
    superState(sb).s_op === s_op ? (superState(sb).fs as BpffsOptions).delegation : null

  const setDelegation = (own: BpffsOptions, kind: DelegationKind, text: string): number => {
    const mask = parseDelegation(kind, text)
    if (typeof mask === 'number') return mask
    if (mask !== 0n && !capable(lsm, current, CAP_SYS_ADMIN)) return -EPERM
    own.delegation = { ...own.delegation, [kind]: own.delegation[kind] | mask }
    return 0
  }

  const setId = (fc: FsContext, own: BpffsOptions, key: 'uid' | 'gid', value: number): number => {
    const { user_ns } = current.task.cred
    const id = key === 'uid' ? make_kuid(user_ns, value) : make_kgid(user_ns, value)
    const fits = key === 'uid' ? kuid_has_mapping(fc.user_ns, id) : kgid_has_mapping(fc.user_ns, id)
    if (id < 0 || !fits) return -EINVAL
    own[key] = id
    return 0
  }

  /** Options that nobody knows are ignored, as ever. */
  const parse_param = (fc: FsContext, param: FsParameter): number => {
    const { key, type, string } = param
    if (key === 'source') return -ENOPARAM
    const kind = /^delegate_(cmds|maps|progs|attachs)$/.exec(key)?.[1] as DelegationKind | undefined
    if (kind === undefined && key !== 'uid' && key !== 'gid' && key !== 'mode') return 0
    if (type !== fs_value_is_string || string === null) return -EINVAL
    const own = optionsOf(fc)
    if (kind !== undefined) return setDelegation(own, kind, string)
    if (key === 'mode') {
      if (!/^[0-7]+$/.test(string)) return -EINVAL
      own.mode = Number.parseInt(string, 8) & S_IALLUGO
      return 0
    }
    return /^\d{1,10}$/.test(string) ? setId(fc, own, key as 'uid' | 'gid', Number(string)) : -EINVAL
  }

  const fill = (fc: FsContext, sb: SuperBlock): Inode | number => {
    if (fc.user_ns !== machine.init_user_ns && !capable(lsm, current, CAP_SYS_ADMIN)) return -EPERM
    const own = optionsOf(fc)
    sb.s_magic = BPF_FS_MAGIC
    const root = new_inode(sb, S_IFDIR | S_ISVTX | own.mode, dirInode, simple_dir_operations, null)
    if (root === null) return -ENOSPC
    root.i_nlink = 2
    root.i_uid = own.uid
    root.i_gid = own.gid
    return root
  }

  const type: FileSystem = {
    name: 'bpf',
    fs_flags: FS_USERNS_MOUNT,
    parse_param,
    get_tree: (fc) => vfs.get_tree_nodev(fc, s_op, [], optionsOf(fc), (sb) => fill(fc, sb)),
    reconfigure: null,
  }
  return { type, newInode, isDir, pinnedOf, addPinned, putPinned: put, delegationOf }
}
export type Bpffs = ReturnType<typeof bpffs>
