/** Files of namespaces: one inode for each, for as long as somebody uses it (fs/nsfs.c). */
import {
  CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWUSER, ENOMEM, NSFS_MAGIC, S_IFREG, S_IMMUTABLE, SB_NOUSER,
} from '@lsmkit/abi'
import type { Dentry, File, Path, UserNamespace } from '@lsmkit/core'
import type { NsRef } from '../../interfaces/fs.ts'
import { COST } from '../../state/memory-costs.ts'
import type { Machine } from '../../machine.ts'
import type { PlainNamespace } from '../../state/task/namespaces.ts'
import type { Mount, MountNamespace } from '../../state/vfs/mount.ts'
import { inodeState } from '../../state/vfs/state.ts'
import { inodeOperations } from '../../state/vfs/driver.ts'
import { pseudoSuper } from '../../vfs/internal.ts'
import type { FileOperations } from '../../state/vfs/driver.ts'

export class NsfsTable {
  readonly machine: Machine
  /** Where the files are; set at boot. */
  mount!: Mount
  readonly fops: FileOperations
  /** Files by namespace. */
  readonly dentries = new WeakMap<object, Dentry>()

  constructor(machine: Machine, fops: FileOperations) {
    this.machine = machine
    this.fops = fops
  }
}

/** Called once, at boot. */
export const setUp = (own: NsfsTable): void => {
  own.mount = pseudoSuper(own.machine, 'nsfs', NSFS_MAGIC, {
    evict_inode(inode) {
      const { ns, flag, user_ns } = inodeState(inode).fs as NsRef
      own.dentries.delete(ns)
      own.machine.userNs.put_user_ns(flag === CLONE_NEWUSER ? (ns as UserNamespace) : user_ns)
      if (flag === CLONE_NEWNS) own.machine.namespaces.put_mnt_ns(ns as MountNamespace)
      if (flag === CLONE_NEWIPC) own.machine.namespaces.put_ipc_ns(ns as PlainNamespace)
      if (flag === CLONE_NEWNET) own.machine.namespaces.put_net(ns as PlainNamespace)
    },
  })
  // mounting a namespace's file keeps the namespace
  own.mount.mnt_sb.s_flags &= ~SB_NOUSER
  own.machine.isNamespaceFile = (dentry) => dentry.d_sb === own.mount.mnt_sb
}

/** The one path of a namespace; its inode is made when it is first needed. -ENOMEM if an LSM refuses it. */
export const pathOf = (own: NsfsTable, ref: NsRef): Path | number => {
  const sb = own.mount.mnt_sb
  const known = own.dentries.get(ref.ns)
  if (known !== undefined) return { mnt: own.mount, dentry: known }
  const inode = own.machine.vfs.new_inode(sb, S_IFREG | 0o444, inodeOperations({}), own.fops, ref)
  if (inode === null) return -ENOMEM
  inode.i_flags |= S_IMMUTABLE
  inode.i_ino = ref.inum
  own.machine.userNs.get_user_ns(ref.flag === CLONE_NEWUSER ? (ref.ns as UserNamespace) : ref.user_ns)
  // the file may be the only user of the namespace
  inodeState(inode).force(COST.namespace)
  const dentry = own.machine.vfs.d_alloc_pseudo(sb, nameOf(ref), inode)
  own.dentries.set(ref.ns, dentry)
  // a look-up alone does not keep the inode
  own.machine.callRcu(() => own.machine.vfs.evictIfUnused(inode))
  return { mnt: own.mount, dentry }
}

/** Its file is open, or mounted somewhere. */
export const isHeld = (own: NsfsTable, ns: object): boolean => {
  const inode = own.dentries.get(ns)?.d_inode ?? null
  return inode !== null && inodeState(inode).i_count > 0
}

/** The mount namespace of a file; null for other files. */
export const mntNsOf = (own: NsfsTable, dentry: Dentry): MountNamespace | null => {
  if (dentry.d_sb !== own.mount?.mnt_sb) return null
  const { ns, flag } = inodeState(dentry.d_inode!).fs as NsRef
  return flag === CLONE_NEWNS ? (ns as MountNamespace) : null
}

/** As `mnt_ns_loop`: a namespace would be mounted where it keeps itself, or an older one that it has come from. */
export const isLoop = (own: NsfsTable, dentry: Dentry): boolean => {
  const ns = mntNsOf(own, dentry)
  return ns !== null && own.machine.vfs.currentMntNs().seq >= ns.seq
}

export const nameOf = ({ name, inum }: NsRef): string => `${name}:[${inum}]`

/** The namespace of a file; null for other files. */
export const namespaceOf = (own: NsfsTable, file: File): NsRef | null =>
  file.f_inode.i_sb === own.mount.mnt_sb ? (inodeState(file.f_inode).fs as NsRef) : null
