/** Super blocks: allocation with LSM state, references of mounts, shutdown with the last one (fs/super.c). */
import { SB_ACTIVE, SB_BORN, SB_I_NODEV } from '@lsmkit/abi'
import type { Dentry, FileSystemType, SuperBlock, UserNamespace } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import type { SuperOperations, XattrHandler } from '../state/vfs/driver.ts'
import { SuperState, superState } from '../state/vfs/state.ts'
import { deepestFirst, shrink_dcaches, d_drop } from './dcache.ts'
import { iput } from './inode.ts'

/**
 * Shrinks the dentry cache when memory is short. It waits for the end of the call, which uses names without counting
 * them.
 */
export const setUpSupers = (machine: Machine): void => {
  const table = machine.superTable
  machine.memory.onPressure = () => {
    if (table.isShrinking) return
    table.isShrinking = true
    machine.callRcu(() => {
      table.isShrinking = false
      shrink_dcaches(machine, table.living)
    })
  }
}

/** As `get_anon_bdev`: a device number for a file system without a device. */
export const anonymousDev = (machine: Machine): number => ++machine.superTable.lastAnonymousDev

/** A new super block with a device number of its own, or null if an LSM refused it or memory is short. */
export const alloc_super = (
  machine: Machine, type: FileSystemType, flags: number, user_ns: UserNamespace, s_op: SuperOperations, s_xattr:
    readonly XattrHandler[], fs: unknown,
): SuperBlock | null => {
  const { account } = machine
  if (!account.charge(COST.superBlock)) return null
  const sb = machine.objects.super_block(anonymousDev(machine), type, user_ns)
  const state = new SuperState(account, s_op, s_xattr, fs)
  sb.s_fs_info = state
  if (machine.lsm.sb_alloc_security.ask(sb) !== 0) {
    state.release()
    return null
  }
  machine.userNs.get_user_ns(user_ns)
  machine.superTable.living.add(sb)
  sb.s_flags = flags
  sb.s_id = type.name
  if (user_ns !== machine.init_user_ns) sb.s_iflags |= SB_I_NODEV
  return sb
}

/** Activates a super block after its driver has made the root. The caller holds it. */
export const activate = (sb: SuperBlock, root: Dentry): void => {
  sb.s_root = root
  sb.s_flags |= SB_ACTIVE | SB_BORN
}

/** Drops all names below the root. */
const shrink = (machine: Machine, root: Dentry): void => {
  for (const dentry of deepestFirst(root)) if (dentry !== root) d_drop(machine, dentry)
}

const shutdown = (machine: Machine, sb: SuperBlock): void => {
  if (sb.s_root !== null) {
    shrink(machine, sb.s_root)
    const root = sb.s_root.d_inode
    if (root !== null) iput(machine, root)
    sb.s_flags &= ~SB_ACTIVE
    machine.lsm.sb_delete.tell(sb)
    superState(sb).s_op.put_super?.(sb)
    sb.s_root = null
  }
  machine.superTable.living.delete(sb)
  machine.callRcu(() => {
    machine.lsm.sb_free_security.tell(sb)
    superState(sb).release()
    machine.userNs.put_user_ns(sb.s_user_ns)
  })
}

export const sget = (sb: SuperBlock): void => {
  superState(sb).active++
}

/** As `deactivate_super`: drops a reference, and shuts down with the last one. */
export const sput = (machine: Machine, sb: SuperBlock): void => {
  if (--superState(sb).active === 0) shutdown(machine, sb)
}
