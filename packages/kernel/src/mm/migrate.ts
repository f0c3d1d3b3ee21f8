/** move_pages(2) and migrate_pages(2) on a machine of one node (mm/migrate.c, mm/mempolicy.c). */
import { CAP_SYS_NICE, EFAULT, EINVAL, ENODEV, EPERM, ESRCH, PTRACE_MODE_READ_REALCREDS } from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'

/** As `find_mm_struct`: the task whose pages are moved; null for the caller itself. */
const find_mm_struct = (machine: Machine, pid: number): Task | null | number => {
  if (pid === 0) return null
  const task = machine.tasks.findByVpid(pid)
  if (task === null) return -ESRCH
  if (!machine.ptrace.may_access(task, PTRACE_MODE_READ_REALCREDS)) return -EPERM
  const rc = machine.lsm.task_movememory.ask(task)
  return rc !== 0 ? rc : task
}

/** There is one node, so no page moves. With `nodes` null it only reports the nodes. */
export const move_pages = (
  machine: Machine, pid: number, count: number, pages: readonly number[] | null, nodes: readonly number[] | null,
  status: number[] | null, flags: number,
): number => {
  if (flags & ~(2 | 4)) return -EINVAL
  if (flags & 4 && !ns_capable(machine.lsm, machine.current, machine.init_user_ns, CAP_SYS_NICE)) return -EPERM
  const task = find_mm_struct(machine, pid)
  if (typeof task === 'number') return task
  const has = (list: readonly number[] | null): boolean => list !== null && count >= 0 && list.length >= count
  if (count !== 0 && (!has(pages) || (nodes !== null && !has(nodes)))) return -EFAULT
  if (nodes?.some((node) => node !== 0)) return -ENODEV
  if (status !== null) for (let i = 0; i < count; i++) status[i] = 0
  return 0
}

export const migrate_pages = (
  machine: Machine, pid: number, _max: number, _old_nodes: bigint, new_nodes: bigint,
): number => {
  const { current, lsm } = machine
  const task = pid === 0 ? current.task : machine.tasks.findByVpid(pid)
  if (task === null) return -ESRCH
  if (!machine.ptrace.may_access(task, PTRACE_MODE_READ_REALCREDS)) return -EPERM
  if ((new_nodes & 1n) === 0n && !ns_capable(lsm, current, machine.init_user_ns, CAP_SYS_NICE)) return -EPERM
  if ((new_nodes & 1n) === 0n) return -EINVAL
  const rc = lsm.task_movememory.ask(task)
  if (rc !== 0) return rc
  // whether pages that others map as well would move: there is nowhere to move them to
  ns_capable(lsm, current, machine.init_user_ns, CAP_SYS_NICE)
  return 0
}
