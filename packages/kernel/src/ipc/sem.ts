/** Sets of semaphores (ipc/sem.c): made, operated on, and the table of their calls. */
import { E2BIG, EACCES, EAGAIN, EFAULT, EFBIG, EINVAL, ENOMEM, ENOSPC, ERESTARTSYS, SEM_UNDO } from '@lsmkit/abi'
import type { Sembuf } from '@lsmkit/core'
import { bound } from '../state/bound.ts'
import { isTimespec, msOf } from '../state/timespec.ts'
import type { Timespec } from '../state/timespec.ts'
import { IpcPerm } from '../state/ipc/ids.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { S_IRUGO, S_IWUGO, secondsNow } from './parts.ts'
import type { IpcParts } from './parts.ts'
import { SemArray, performSemop, setCost } from '../state/ipc/sem-array.ts'
import type { Adjustments } from '../state/ipc/sem-array.ts'
import { semctl } from './semctl.ts'
import { tgidOf } from './stat.ts'

const newary = (ipc: IpcParts, ns: IpcNamespace, key: number, nsems: number, flag: number): number => {
  const { lsm } = ipc.machine
  const [, semmns, , semmni] = ns.sem_ctls
  if (nsems === 0) return -EINVAL
  if (ns.used_sems + nsems > semmns) return -ENOSPC
  const { account } = ipc.machine
  if (!account.charge(setCost(nsems))) return -ENOMEM
  const perm = new IpcPerm(ipc.machine.current.task, key, flag)
  const set = new SemArray(account, perm, nsems, secondsNow(ipc))
  let rc = lsm.sem_alloc_security.ask(perm)
  if (rc === 0) {
    rc = ns.sem.add(set, semmni)
    if (rc < 0) lsm.sem_free_security.tell(perm)
  }
  if (rc < 0) set.release()
  else ns.used_sems += nsems
  return rc
}

const semget = (ipc: IpcParts, key: number, nsems: number, flag: number): number => {
  const ns = ipc.namespaces.own()
  if (nsems < 0 || nsems > ns.sem_ctls[0]) return -EINVAL
  return ipc.checks.ipcget(ns.user_ns, ns.sem, key, flag, {
    getnew: () => newary(ipc, ns, key, nsems, flag),
    associate: (perm) => ipc.machine.lsm.sem_associate.ask(perm, flag),
    moreChecks: ({ sems }) => (nsems > sems.length ? -EINVAL : 0),
  })
}

/** As `do_semtimedop`. */
const semtimedop = (
  ipc: IpcParts, id: number, sops: readonly Sembuf[] | null, nsops: number, timeout: Timespec | null,
): number => {
  const { current } = ipc.machine
  const ns = ipc.namespaces.own()
  if (nsops >>> 0 > ns.sem_ctls[2]) return -E2BIG
  if (nsops < 1) return -EINVAL
  if (sops === null || sops.length < nsops) return -EFAULT
  if (id < 0 || (timeout !== null && !isTimespec(timeout))) return -EINVAL
  const operations = sops.slice(0, nsops)
  const set = ipc.checks.obtain(ns.sem, id)
  if (typeof set === 'number') return set
  set.pending.delete(current.task)
  const alter = operations.some(({ sem_op }) => sem_op !== 0)
  // who has ever asked for it undoes, nothing perhaps, at its end
  const undoes = operations.some(({ sem_flg }) => (sem_flg & SEM_UNDO) !== 0)
  const adjustments: Adjustments | null = undoes ? ipc.undo.undoOf(current.task, set) : null
  if (undoes && adjustments === null) return -ENOMEM
  if (operations.some(({ sem_num }) => sem_num < 0 || sem_num >= set.sems.length)) return -EFBIG
  if (!ipc.checks.ipcperms(ns.user_ns, set.perm, alter ? S_IWUGO : S_IRUGO)) return -EACCES
  const rc = ipc.machine.lsm.sem_semop.ask(set.perm, operations, nsops, alter ? 1 : 0)
  return rc !== 0 ? rc : operate(ipc, set, operations, adjustments, timeout === null ? Infinity : msOf(timeout))
}

/** `ms`: how long it may take. */
const operate = (
  ipc: IpcParts, set: SemArray, sops: readonly Sembuf[], adjustments: Adjustments | null, ms: number,
): number => {
  const { current } = ipc.machine
  const rc = performSemop(set, sops, adjustments, tgidOf(current.task))
  if (rc === 0) {
    set.otime = secondsNow(ipc)
    set.wait.wake()
  }
  if (rc <= 0) {
    ipc.machine.deadlines.forget()
    return rc
  }
  const asleep = ipc.machine.deadlines.sleep('semtimedop', set.wait, ms, -EAGAIN)
  if (asleep !== -ERESTARTSYS) return asleep
  const { task } = current
  set.pending.set(task, sops)
  ipc.checks.sleepOn(set.perm, () => set.pending.delete(task))
  return asleep
}

const semop = (ipc: IpcParts, id: number, sops: readonly Sembuf[] | null, nsops: number): number =>
  semtimedop(ipc, id, sops, nsops, null)

export const semSyscalls = (ipc: IpcParts) => bound(ipc, { semget, semop, semtimedop, semctl })
