/** Super blocks: made with their LSM state, shared by mounts, shut down with the last (fs/super.c). */
import { SB_ACTIVE, SB_BORN, SB_I_NODEV } from '@lsmkit/abi'
import type { Dentry, FileSystemType, KeyMap, SuperBlock, UserNamespace } from '@lsmkit/core'
import type { SuperOperations, XattrHandler } from '../state/vfs/driver.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import { deepestFirst } from './dcache.ts'
import type { DentryCache } from './dcache.ts'
import type { Inodes } from './inode.ts'
import { SuperState, superState } from '../state/vfs/state.ts'

export const superBlocks = (
  lsm: KeyMap, machine: Machine, { iput }: Inodes, { d_drop, shrink_dcaches }: DentryCache,
) => {
  const living = new Set<SuperBlock>()
  let isShrinking = false
  machine.memory.onPressure = () => {
    if (isShrinking) return
    isShrinking = true
    // calls hold names in their hands without counting them
    machine.callRcu(() => {
      isShrinking = false
      shrink_dcaches(living)
    })
  }
  let lastAnonymousDev = 0
  /** A device number that stands for no device. */
  const anonymousDev = (): number => ++lastAnonymousDev

  /** A fresh super block on a device number of its own, or null when an LSM or the want of memory refused it. */
  const alloc_super = (
    type: FileSystemType,
    flags: number,
    user_ns: UserNamespace,
    s_op: SuperOperations,
    s_xattr: readonly XattrHandler[],
    fs: unknown,
  ): SuperBlock | null => {
    const { account } = machine
    if (!account.charge(COST.superBlock)) return null
    const sb = machine.objects.super_block(anonymousDev(), type, user_ns)
    const state = new SuperState(account, s_op, s_xattr, fs)
    sb.s_fs_info = state
    if (lsm.sb_alloc_security.ask(sb) !== 0) {
      state.release()
      return null
    }
    machine.userNs.get_user_ns(user_ns)
    living.add(sb)
    sb.s_flags = flags
    sb.s_id = type.name
    if (user_ns !== machine.init_user_ns) sb.s_iflags |= SB_I_NODEV
    return sb
  }

  /** The driver has made the root: the super block lives, and whoever asked for it holds it. */
  const activate = (sb: SuperBlock, root: Dentry): void => {
    sb.s_root = root
    sb.s_flags |= SB_ACTIVE | SB_BORN
  }

  /** Every name below the root goes. */
  const shrink = (root: Dentry): void => {
    for (const dentry of deepestFirst(root)) if (dentry !== root) d_drop(dentry)
  }

  const shutdown = (sb: SuperBlock): void => {
    if (sb.s_root !== null) {
      shrink(sb.s_root)
      const root = sb.s_root.d_inode
      if (root !== null) iput(root)
      sb.s_flags &= ~SB_ACTIVE
      lsm.sb_delete.tell(sb)
      superState(sb).s_op.put_super?.(sb)
      sb.s_root = null
    }
    living.delete(sb)
    machine.callRcu(() => {
      lsm.sb_free_security.tell(sb)
      superState(sb).release()
      machine.userNs.put_user_ns(sb.s_user_ns)
    })
  }

  const sget = (sb: SuperBlock): void => {
    superState(sb).active++
  }
  /** As `deactivate_super`. */
  const sput = (sb: SuperBlock): void => {
    if (--superState(sb).active === 0) shutdown(sb)
  }

  return { anonymousDev, alloc_super, activate, sget, sput }
}

export type SuperBlocks = ReturnType<typeof superBlocks>
