/** Super blocks of trees of kernfs nodes, and file handles (fs/kernfs/mount.c). */
import { ENOENT, ENOMEM, ESTALE, SB_I_NODEV, SB_I_NOEXEC } from '@lsmkit/abi'
import { nop_mnt_idmap } from '@lsmkit/core'
import type { Dentry, FsContext, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { superState } from '../../state/vfs/state.ts'
import { superOperations } from '../../state/vfs/driver.ts'
import type { SuperOperations } from '../../state/vfs/driver.ts'
import { kernfsNode } from './file.ts'
import type { KernfsNode } from '../../state/kernfs/node.ts'
import { KernfsInstance } from './instance.ts'
import { s_xattr } from './xattr.ts'
import { kernfs_get_inode, inodesOf } from './inode.ts'
import { bound } from '../../state/bound.ts'
import type { KernfsRoot } from './root.ts'

const FILEID_KERNFS = 0xfe

/** The dentry of a node on a super block, looked up from its root; `find` looks one name up. */
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

/** As `kernfs_node_dentry`: checks search permission on the way. */
export const kernfs_node_dentry = (own: KernfsInstance, kn: KernfsNode, sb: SuperBlock): Dentry | number =>
  dentryOf(kn, sb, (name, base) => own.machine.vfs.lookup_one(nop_mnt_idmap, name, base))

/** As `kernfs_get_tree`: every super block belongs to the initial user namespace. */
const get_tree = (own: KernfsInstance, fc: FsContext, ns: object | null, s_iflags = 0): number => {
  const { machine: { vfs, init_user_ns }, supers } = own
  const known = supers.get(ns)
  if (known !== undefined && known.s_root !== null) return vfs.share_super(fc, known)
  const sb = vfs.alloc_super(fc.fs_type, fc.sb_flags, init_user_ns, own.operations.s_op, s_xattr, ns)
  if (sb === null) return -ENOMEM
  vfs.sget(sb)
  superState(sb).isCache = true
  sb.s_magic = own.magic
  sb.s_iflags |= SB_I_NOEXEC | SB_I_NODEV | s_iflags
  const inode = kernfs_get_inode(own, sb, own.root.node)
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
export const kernfs_node_from_dentry = (own: KernfsInstance, { d_sb, d_inode }: Dentry): KernfsNode | null =>
  superState(d_sb).s_op === own.operations.s_op && d_inode !== null ? kernfsNode(d_inode) : null

/** As `kernfs_dop_revalidate`. */
const d_revalidate = ({ d_inode, d_name, d_parent }: Dentry): number => {
  if (d_inode === null || d_parent === null) return d_inode === null ? 0 : 1
  const kn = kernfsNode(d_inode)
  return kn.active && kn.name === d_name.name && kn.parent === kernfsNode(d_parent.d_inode!) ? 1 : 0
}

const encode_fh: SuperOperations['encode_fh'] = ({ i_ino }) => {
  const f_handle = new Uint8Array(8)
  new DataView(f_handle.buffer).setBigUint64(0, BigInt(i_ino), true)
  return { handle_type: FILEID_KERNFS, f_handle }
}

const fh_to_dentry = (
  { root, machine: { vfs } }: KernfsInstance, sb: SuperBlock, type: number, bytes: Uint8Array,
): Dentry | number => {
  if (type !== FILEID_KERNFS || bytes.length < 8) return -ESTALE
  const kn = root.byId(Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)))
  return kn === null ? -ESTALE : dentryOf(kn, sb, (name, base) => vfs.lookup_one_qstr_excl(name, base, 0))
}

const superOf = (own: KernfsInstance): SuperOperations => {
  const { super_ops, exportop } = own.root.rules
  return superOperations({
    statfs: (_dentry, buf) => {
      buf.f_type = own.magic
      return 0
    },
    d_revalidate,
    evict_inode: (inode) => void kernfsNode(inode).dropInode(inode),
    ...super_ops,
    ...(exportop === true ? { exports: true, encode_fh, ...bound(own, { fh_to_dentry }) } : {}),
  })
}

export const kernfs = (machine: Machine, root: KernfsRoot, magic: number) => {
  const own = new KernfsInstance(machine, root, magic, (made) => ({ ...inodesOf(made), s_op: superOf(made) }))
  return bound(own, { get_tree, kernfs_get_inode, kernfs_node_dentry, kernfs_node_from_dentry })
}
export type Kernfs = ReturnType<typeof kernfs>
