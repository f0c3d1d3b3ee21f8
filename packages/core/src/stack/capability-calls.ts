/** The capability functions that framework functions call past all slots, bound to one stack. */
import { cap_inode_removexattr, cap_inode_setxattr } from '../commoncap/xattr-guard.ts'
import type { Current } from '../current.ts'
import type { CapabilityCalls } from '../dispatch/strategy.ts'
import type { KeyMap } from '../hooks/hook-defs.ts'
import type { Host } from '../host.ts'

/** `lsm` is asked for at each call: the table is built after this. */
export const capabilityCalls = (lsm: () => Pick<KeyMap, 'capable'>, current: Current, host: Host): CapabilityCalls => ({
  cap_inode_setxattr: (dentry, name) => cap_inode_setxattr(lsm(), current, dentry, name),
  cap_inode_removexattr: (idmap, dentry, name) => cap_inode_removexattr(lsm(), current, idmap, dentry, name),
  vm_enough_memory: (mm, pages, cap_sys_admin) => host.__vm_enough_memory?.(mm, pages, cap_sys_admin) ?? 0,
})
