/** Where memory lies: there is one node, so every policy comes to the same (mm/mempolicy.c). */
import { CAP_SYS_NICE, EFAULT, EINVAL, EPERM, PAGE_SIZE } from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { KeyMap, Ref, Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { pageAlign, spaceOf } from '../state/mm/address-space.ts'

const MPOL_DEFAULT = 0
const MPOL_PREFERRED = 1
const MPOL_LOCAL = 4
const MPOL_MAX = 7
const MPOL_MODE_FLAGS = 0xe000
const MPOL_MF_STRICT = 1
const MPOL_MF_MOVE = 2
const MPOL_MF_MOVE_ALL = 4
const MPOL_F_NODE = 1
const MPOL_F_ADDR = 2
const MPOL_F_MEMS_ALLOWED = 4
const NODES = 1n

/** As `mpol_new` with what a node mask may be for a mode: 0 or -EINVAL. */
const checkPolicy = (mode: number, nodes: bigint): number => {
  const plain = mode & ~MPOL_MODE_FLAGS
  if (plain < MPOL_DEFAULT || plain >= MPOL_MAX) return -EINVAL
  const isEmpty = (nodes & NODES) === 0n
  if (plain === MPOL_DEFAULT || plain === MPOL_LOCAL) return nodes === 0n ? 0 : -EINVAL
  if (plain === MPOL_PREFERRED) return nodes === 0n || !isEmpty ? 0 : -EINVAL
  return isEmpty ? -EINVAL : 0
}

export const numaSyscalls = (lsm: KeyMap, machine: Machine) => {
  const { current, advice } = machine
  const modes = new WeakMap<Task, number>()

  const set_mempolicy = (mode: number, nodemask: bigint | null, _maxnode: number): number => {
    const rc = checkPolicy(mode, nodemask ?? 0n)
    if (rc === 0) modes.set(current.task, mode)
    return rc
  }

  const mbind = (
    start: number, len: number, mode: number, nodemask: bigint | null, _maxnode: number, flags: number,
  ): number => {
    if ((flags & ~(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) !== 0) return -EINVAL
    if ((flags & MPOL_MF_MOVE_ALL) !== 0 && !capable(lsm, current, CAP_SYS_NICE)) return -EPERM
    if (start % PAGE_SIZE !== 0) return -EINVAL
    const rc = checkPolicy(mode, nodemask ?? 0n)
    if (rc !== 0 || len === 0) return rc
    return advice.checkCovered(spaceOf(current.task.mm!), start, start + pageAlign(len)) !== 0 ? -EFAULT : 0
  }

  const get_mempolicy = (
    policy: Ref<number> | null, nodemask: Ref<bigint> | null, _maxnode: number, addr: number, flags: number,
  ): number => {
    if ((flags & ~(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED)) !== 0) return -EINVAL
    if ((flags & MPOL_F_MEMS_ALLOWED) !== 0) {
      if ((flags & (MPOL_F_NODE | MPOL_F_ADDR)) !== 0) return -EINVAL
      if (nodemask !== null) nodemask.value = NODES
      return 0
    }
    if ((flags & MPOL_F_ADDR) === 0 && addr !== 0) return -EINVAL
    if ((flags & MPOL_F_ADDR) !== 0 && advice.checkCovered(spaceOf(current.task.mm!), addr, addr + 1) !== 0)
      return -EFAULT
    if (policy !== null) policy.value = (flags & MPOL_F_NODE) !== 0 ? 0 : (modes.get(current.task) ?? MPOL_DEFAULT)
    if (nodemask !== null) nodemask.value = 0n
    return 0
  }

  const set_mempolicy_home_node = (start: number, len: number, home_node: number, flags: number): number => {
    if (start % PAGE_SIZE !== 0 || flags !== 0 || home_node !== 0) return -EINVAL
    return len === 0 ? 0 : advice.checkCovered(spaceOf(current.task.mm!), start, start + pageAlign(len))
  }

  return { set_mempolicy, get_mempolicy, mbind, set_mempolicy_home_node }
}
