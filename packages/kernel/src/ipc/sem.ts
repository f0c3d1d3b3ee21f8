/** Sets of semaphores (ipc/sem.c): made, operated on, and the table of their calls. */
import { E2BIG, EACCES, EAGAIN, EFAULT, EFBIG, EINVAL, ENOMEM, ENOSPC, ERESTARTSYS, SEM_UNDO } from '@lsmkit/abi'
import type { Sembuf } from '@lsmkit/core'
import { isTimespec, msOf } from '../state/timespec.ts'
import type { Timespec } from '../state/timespec.ts'
import { IpcPerm } from '../state/ipc/ids.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { S_IRUGO, S_IWUGO, secondsNow } from './parts.ts'
import { SemArray, performSemop, setCost } from '../state/ipc/sem-array.ts'
import type { Adjustments } from '../state/ipc/sem-array.ts'
import { tgidOf } from './stat.ts'
import type { Machine } from '../machine.ts'
import { ownIpcNamespace } from './namespaces.ts'
import { ipcget, obtain, ipcperms, sleepOnIpc } from './checks.ts'
import { undoOf } from './sem-undo.ts'

const newary = (machine: Machine, ns: IpcNamespace, key: number, nsems: number, flag: number): number => {
  const { lsm } = machine
  const [, semmns, , semmni] = ns.sem_ctls
  if (nsems === 0) return -EINVAL
  if (ns.used_sems + nsems > semmns) return -ENOSPC
  const { account } = machine
  if (!account.charge(setCost(nsems))) return -ENOMEM
  const perm = new IpcPerm(machine.current.task, key, flag)
  const set = new SemArray(account, perm, nsems, secondsNow(machine))
  let rc = lsm.sem_alloc_security.ask(perm)
  if (rc === 0) {
    rc = ns.sem.add(set, semmni)
    if (rc < 0) lsm.sem_free_security.tell(perm)
  }
  if (rc < 0) set.release()
  else ns.used_sems += nsems
  return rc
}

export const semget = (machine: Machine, key: number, nsems: number, flag: number): number => {
  const ns = ownIpcNamespace(machine)
  if (nsems < 0 || nsems > ns.sem_ctls[0]) return -EINVAL
  return ipcget(machine, ns.user_ns, ns.sem, key, flag, {
    getnew: () => newary(machine, ns, key, nsems, flag),
    associate: (perm) => machine.lsm.sem_associate.ask(perm, flag),
    moreChecks: ({ sems }) => (nsems > sems.length ? -EINVAL : 0),
  })
}

/** As `do_semtimedop`. */
export const semtimedop = (
  machine: Machine, id: number, sops: readonly Sembuf[] | null, nsops: number, timeout: Timespec | null,
): number => {
  const { current } = machine
  const ns = ownIpcNamespace(machine)
  if (nsops >>> 0 > ns.sem_ctls[2]) return -E2BIG
  if (nsops < 1) return -EINVAL
  if (sops === null || sops.length < nsops) return -EFAULT
  if (id < 0 || (timeout !== null && !isTimespec(timeout))) return -EINVAL
  const operations = sops.slice(0, nsops)
  const set = obtain(machine, ns.sem, id)
  if (typeof set === 'number') return set
  set.pending.delete(current.task)
  const alter = operations.some(({ sem_op }) => sem_op !== 0)
  // a process that has used SEM_UNDO once undoes its changes at its end, even if there are none
  const undoes = operations.some(({ sem_flg }) => (sem_flg & SEM_UNDO) !== 0)
  const adjustments: Adjustments | null = undoes ? undoOf(machine, current.task, set) : null
  if (undoes && adjustments === null) return -ENOMEM
  if (operations.some(({ sem_num }) => sem_num < 0 || sem_num >= set.sems.length)) return -EFBIG
  if (!ipcperms(machine, ns.user_ns, set.perm, alter ? S_IWUGO : S_IRUGO)) return -EACCES
  const rc = machine.lsm.sem_semop.ask(set.perm, operations, nsops, alter ? 1 : 0)
  return rc !== 0 ? rc : operate(machine, set, operations, adjustments, timeout === null ? Infinity : msOf(timeout))
}

/** `ms`: how long it may take. */
const operate = (
  machine: Machine, set: SemArray, sops: readonly Sembuf[], adjustments: Adjustments | null, ms: number,
): number => {
  const { current } = machine
  const rc = performSemop(set, sops, adjustments, tgidOf(current.task))
  if (rc === 0) {
    set.otime = secondsNow(machine)
    set.wait.wake()
  }
  if (rc <= 0) {
    machine.deadlines.forget()
    return rc
  }
  const asleep = machine.deadlines.sleep('semtimedop', set.wait, ms, -EAGAIN)
  if (asleep !== -ERESTARTSYS) return asleep
  const { task } = current
  set.pending.set(task, sops)
  sleepOnIpc(machine, set.perm, () => set.pending.delete(task))
  return asleep
}

export const semop = (machine: Machine, id: number, sops: readonly Sembuf[] | null, nsops: number): number =>
  semtimedop(machine, id, sops, nsops, null)
