/** Mounts of bpffs: their options, and what they delegate to users (kernel/bpf/inode.c). */
import {
  BPF_FS_MAGIC, CAP_SYS_ADMIN, EINVAL, ENOPARAM, ENOSPC, EPERM, FS_USERNS_MOUNT, fs_value_is_string, NAME_MAX,
  PAGE_SIZE, S_IALLUGO, S_IFDIR, S_ISVTX,
} from '@lsmkit/abi'
import { capable, kgid_has_mapping, kuid_has_mapping, make_kgid, make_kuid } from '@lsmkit/core'
import type { Dentry, FsContext, FsParameter, Inode, SeqFile, SuperBlock } from '@lsmkit/core'
import { putPinned } from './pinned.ts'
import type { Machine } from '../machine.ts'
import { superState } from '../state/vfs/state.ts'
import { superOperations } from '../state/vfs/driver.ts'
import type { FileSystem, SuperOperations } from '../state/vfs/driver.ts'
import { delegationText, NO_DELEGATION, parseDelegation } from './delegation.ts'
import type { Delegation, DelegationKind } from './delegation.ts'
import { pinnedOf } from './bpffs.ts'

const ALL_RIGHTS = 0o777

/** Options of a mount, while they are parsed and as its super block keeps them. */
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

const evict_inode = (machine: Machine, inode: Inode): void => {
  const held = pinnedOf(inode)
  if (held !== null) putPinned(machine, held)
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

const statfs: SuperOperations['statfs'] = (_dentry, buf) => {
  buf.f_type = BPF_FS_MAGIC
  buf.f_bsize = PAGE_SIZE
  buf.f_namelen = NAME_MAX
  return 0
}

export const bpffsSuper = (machine: Machine): SuperOperations =>
  superOperations({ statfs, show_options, evict_inode: (inode) => evict_inode(machine, inode) })

/** Null for another file system. */
export const delegationOf = (sb: SuperBlock): Delegation | null => {
  const { fs } = superState(sb)
  return fs instanceof BpffsOptions ? fs.delegation : null
}

const setDelegation = (machine: Machine, own: BpffsOptions, kind: DelegationKind, text: string): number => {
  const mask = parseDelegation(kind, text)
  if (typeof mask === 'number') return mask
  if (mask !== 0n && !capable(machine.lsm, machine.current, CAP_SYS_ADMIN)) return -EPERM
  own.delegation = { ...own.delegation, [kind]: own.delegation[kind] | mask }
  return 0
}

const setId = (machine: Machine, fc: FsContext, own: BpffsOptions, key: 'uid' | 'gid', value: number): number => {
  const { user_ns } = machine.current.task.cred
  const id = key === 'uid' ? make_kuid(user_ns, value) : make_kgid(user_ns, value)
  const fits = key === 'uid' ? kuid_has_mapping(fc.user_ns, id) : kgid_has_mapping(fc.user_ns, id)
  if (id < 0 || !fits) return -EINVAL
  own[key] = id
  return 0
}

/** Unknown options are ignored, as in the kernel. */
const parse_param = (machine: Machine, fc: FsContext, param: FsParameter): number => {
  const { key, type, string } = param
  if (key === 'source') return -ENOPARAM
  const kind = /^delegate_(cmds|maps|progs|attachs)$/.exec(key)?.[1] as DelegationKind | undefined
  if (kind === undefined && key !== 'uid' && key !== 'gid' && key !== 'mode') return 0
  if (type !== fs_value_is_string || string === null) return -EINVAL
  const own = optionsOf(fc)
  if (kind !== undefined) return setDelegation(machine, own, kind, string)
  if (key === 'mode') {
    if (!/^[0-7]+$/.test(string)) return -EINVAL
    own.mode = Number.parseInt(string, 8) & S_IALLUGO
    return 0
  }
  return /^\d{1,10}$/.test(string) ? setId(machine, fc, own, key as 'uid' | 'gid', Number(string)) : -EINVAL
}

const fill = (machine: Machine, fc: FsContext, sb: SuperBlock): Inode | number => {
  if (fc.user_ns !== machine.init_user_ns && !capable(machine.lsm, machine.current, CAP_SYS_ADMIN)) return -EPERM
  const own = optionsOf(fc)
  sb.s_magic = BPF_FS_MAGIC
  const { vfs, bpfTable } = machine
  const mode = S_IFDIR | S_ISVTX | own.mode
  const root = vfs.new_inode(sb, mode, bpfTable.operations.dirInode, vfs.simple_dir_operations, null)
  if (root === null) return -ENOSPC
  root.i_nlink = 2
  root.i_uid = own.uid
  root.i_gid = own.gid
  return root
}

export const bpffsType = (machine: Machine): FileSystem => ({
  name: 'bpf',
  fs_flags: FS_USERNS_MOUNT,
  parse_param: (fc, param) => parse_param(machine, fc, param),
  get_tree: (fc) => {
    const { bpffsSuper: s_op } = machine.bpfTable.operations
    return machine.vfs.get_tree_nodev(fc, s_op, [], optionsOf(fc), (sb) => fill(machine, fc, sb))
  },
  reconfigure: null,
})
