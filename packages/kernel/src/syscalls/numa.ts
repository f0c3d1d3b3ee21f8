/** Memory policies. There is one node, so no policy has an effect (mm/mempolicy.c). */
import { CAP_SYS_NICE, EFAULT, EINVAL, EPERM, PAGE_SIZE } from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { Ref } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { RunnerState } from './runner-state.ts'
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

/** As `mpol_new`; also checks the node mask of a mode: 0 or -EINVAL. */
const checkPolicy = (mode: number, nodes: bigint): number => {
  const plain = mode & ~MPOL_MODE_FLAGS
  if (plain < MPOL_DEFAULT || plain >= MPOL_MAX) return -EINVAL
  const isEmpty = (nodes & NODES) === 0n
  if (plain === MPOL_DEFAULT || plain === MPOL_LOCAL) return nodes === 0n ? 0 : -EINVAL
  if (plain === MPOL_PREFERRED) return nodes === 0n || !isEmpty ? 0 : -EINVAL
  return isEmpty ? -EINVAL : 0
}

const set_mempolicy = (machine: Machine, mode: number, nodemask: bigint | null, _maxnode: number): number => {
  const rc = checkPolicy(mode, nodemask ?? 0n)
  if (rc === 0) machine.part(RunnerState).mempolicies.set(machine.current.task, mode)
  return rc
}

/** Every address of a range of the caller is mapped. */
const isCovered = (machine: Machine, start: number, end: number): boolean =>
  machine.advice.checkCovered(spaceOf(machine.current.task.mm!), start, end) === 0

const mbind = (
  machine: Machine, start: number, len: number, mode: number, nodemask: bigint | null, _maxnode: number, flags: number,
): number => {
  if ((flags & ~(MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) !== 0) return -EINVAL
  if ((flags & MPOL_MF_MOVE_ALL) !== 0 && !capable(machine.lsm, machine.current, CAP_SYS_NICE)) return -EPERM
  if (start % PAGE_SIZE !== 0) return -EINVAL
  const rc = checkPolicy(mode, nodemask ?? 0n)
  if (rc !== 0 || len === 0) return rc
  return isCovered(machine, start, start + pageAlign(len)) ? 0 : -EFAULT
}

const get_mempolicy = (
  machine: Machine, policy: Ref<number> | null, nodemask: Ref<bigint> | null, _maxnode: number, addr: number,
  flags: number,
): number => {
  if ((flags & ~(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED)) !== 0) return -EINVAL
  if ((flags & MPOL_F_MEMS_ALLOWED) !== 0) {
    if ((flags & (MPOL_F_NODE | MPOL_F_ADDR)) !== 0) return -EINVAL
    if (nodemask !== null) nodemask.value = NODES
    return 0
  }
  if ((flags & MPOL_F_ADDR) === 0 && addr !== 0) return -EINVAL
  if ((flags & MPOL_F_ADDR) !== 0 && !isCovered(machine, addr, addr + 1))
    return -EFAULT
  const own = machine.part(RunnerState).mempolicies.get(machine.current.task) ?? MPOL_DEFAULT
  if (policy !== null) policy.value = (flags & MPOL_F_NODE) !== 0 ? 0 : own
  if (nodemask !== null) nodemask.value = 0n
  return 0
}

const set_mempolicy_home_node = (
  machine: Machine, start: number, len: number, home_node: number, flags: number,
): number => {
  if (start % PAGE_SIZE !== 0 || flags !== 0 || home_node !== 0) return -EINVAL
  return len === 0 ? 0 : machine.advice.checkCovered(spaceOf(machine.current.task.mm!), start, start + pageAlign(len))
}

export const numaSyscalls = { set_mempolicy, get_mempolicy, mbind, set_mempolicy_home_node }
