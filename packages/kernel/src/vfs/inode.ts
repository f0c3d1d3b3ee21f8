/** Inodes: allocation with LSM state, owner, times, references and eviction (fs/inode.c). */
import { S_IFDIR, S_IFMT, S_ISGID } from '@lsmkit/abi'
import { from_vfsgid, from_vfsuid } from '@lsmkit/core'
import type { Inode, MntIdmap, SuperBlock } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import type { FileOperations, InodeOperations } from '../state/vfs/driver.ts'
import { InodeState, inodeState, superState } from '../state/vfs/state.ts'
import { forgetHandle } from './file-handles.ts'

/**
 * A new inode with LSM state, or null if an LSM refused it or memory is short. Its times are now; its owner is root
 * until set.
 */
export const new_inode = (
  machine: Machine, sb: SuperBlock, mode: number, i_op: InodeOperations, i_fop: FileOperations, fs: unknown,
): Inode | null => {
  const { account } = machine
  if (!account.charge(COST.inode)) return null
  const inode = machine.objects.inode(mode, sb, superState(sb).nextIno++)
  const state = new InodeState(account, i_op, i_fop, fs)
  inode.i_private = state
  if (machine.lsm.inode_alloc_security.ask(inode) !== 0) {
    state.release()
    return null
  }
  const now = machine.now()
  inode.i_atime_sec = inode.i_mtime_sec = inode.i_ctime_sec = now.sec
  inode.i_atime_nsec = inode.i_mtime_nsec = inode.i_ctime_nsec = now.nsec
  return inode
}

/** As `inode_init_owner`: the owner is the caller's fsuid, the group its fsgid or that of a setgid directory. */
export const inode_init_owner = (
  machine: Machine, idmap: MntIdmap, inode: Inode, dir: Inode | null, mode: number,
): void => {
  const { fsuid, fsgid } = machine.current.task.cred
  const { s_user_ns } = inode.i_sb
  inode.i_uid = from_vfsuid(idmap, s_user_ns, fsuid)
  inode.i_gid = from_vfsgid(idmap, s_user_ns, fsgid)
  if (dir !== null && (dir.i_mode & S_ISGID) !== 0) {
    inode.i_gid = dir.i_gid
    if ((mode & S_IFMT) === S_IFDIR) mode |= S_ISGID
  }
  inode.i_mode = mode
}

export const touchModified = (machine: Machine, inode: Inode): void => {
  const now = machine.now()
  inode.i_mtime_sec = inode.i_ctime_sec = now.sec
  inode.i_mtime_nsec = inode.i_ctime_nsec = now.nsec
}

export const touchChanged = (machine: Machine, inode: Inode): void => {
  const now = machine.now()
  inode.i_ctime_sec = now.sec
  inode.i_ctime_nsec = now.nsec
}

const evict = (machine: Machine, inode: Inode): void => {
  const state = inodeState(inode)
  if (state.evicted) return
  state.evicted = true
  machine.fsnotify.gone(inode, superState(inode.i_sb).active === 0)
  forgetHandle(inode)
  superState(inode.i_sb).s_op.evict_inode?.(inode)
  machine.lsm.inode_free_security.tell(inode)
  superState(inode.i_sb).s_op.destroy_inode?.(inode)
  state.release()
}

/** Evicts an inode that has no name and no user. */
export const evictIfUnused = (machine: Machine, inode: Inode): void => {
  const state = inodeState(inode)
  if (state.i_count === 0 && state.aliases === 0) evict(machine, inode)
}

export const ihold = (inode: Inode): void => {
  inodeState(inode).i_count++
}

export const iput = (machine: Machine, inode: Inode): void => {
  const state = inodeState(inode)
  if (--state.i_count === 0 && state.aliases === 0) evict(machine, inode)
}
