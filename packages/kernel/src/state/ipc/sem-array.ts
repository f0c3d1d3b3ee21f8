/** One semaphore set: values, sleeping operations, and the changes to undo when a process ends (ipc/sem.c). */
import { EAGAIN, ERANGE, IPC_NOWAIT, SEM_UNDO } from '@lsmkit/abi'
import type { Sembuf, Task } from '@lsmkit/core'
import { Holder } from '../host-memory.ts'
import type { MemoryAccount } from '../host-memory.ts'
import { COST } from '../memory-costs.ts'
import type { Pid } from '../task/pid.ts'
import { WaitQueue } from '../vfs/wait.ts'
import type { IpcPerm } from './ids.ts'

/** Highest value, and highest adjustment. */
export const SEMVMX = 32767

export interface Sem {
  semval: number
  /** The process that changed it last. */
  sempid: Pid | null
}

/** The changes of a process with SEM_UNDO, by semaphore. */
export type Adjustments = Int32Array

/** Bytes of the host's heap. */
export const setCost = (nsems: number): number => COST.semSet + nsems * COST.sem

export class SemArray extends Holder {
  readonly perm: IpcPerm
  readonly sems: readonly Sem[]
  otime = 0
  ctime: number
  /** Sleeping operations, by task. */
  readonly pending = new Map<Task, readonly Sembuf[]>()
  readonly wait = new WaitQueue()

  /** `account` has been charged with what `setCost` says. */
  constructor(account: MemoryAccount, perm: IpcPerm, nsems: number, ctime: number) {
    super(account, setCost(nsems))
    this.perm = perm
    this.sems = Array.from({ length: nsems }, () => ({ semval: 0, sempid: null }))
    this.ctime = ctime
  }
}

/**
 * As `perform_atomic_semop`: does all operations or no operation. 0; 1 if the caller has to sleep; -EAGAIN or -ERANGE.
 * The caller has checked the numbers.
 */
export const performSemop = (
  { sems }: SemArray, sops: readonly Sembuf[], undo: Adjustments | null, pid: Pid,
): number => {
  const values = new Map<number, number>()
  const adjusted = new Map<number, number>()
  for (const { sem_num, sem_op, sem_flg } of sops) {
    const value = values.get(sem_num) ?? sems[sem_num]!.semval
    const next = value + sem_op
    if (sem_op === 0 ? value !== 0 : next < 0) return (sem_flg & IPC_NOWAIT) !== 0 ? -EAGAIN : 1
    if (next > SEMVMX) return -ERANGE
    if ((sem_flg & SEM_UNDO) !== 0 && undo !== null) {
      const back = (adjusted.get(sem_num) ?? undo[sem_num]!) - sem_op
      if (back < -SEMVMX - 1 || back > SEMVMX) return -ERANGE
      adjusted.set(sem_num, back)
    }
    values.set(sem_num, next)
  }
  for (const [num, value] of values) sems[num]!.semval = value
  for (const [num, back] of adjusted) undo![num] = back
  for (const { sem_num } of sops) sems[sem_num]!.sempid = pid
  return 0
}

/** As `count_semcnt`: sleepers for an increase (GETNCNT) or for zero (GETZCNT) of this semaphore. */
export const countSleepers = ({ pending }: SemArray, num: number, forZero: boolean): number => {
  let count = 0
  for (const sops of pending.values()) {
    const isWaiting = sops.some(({ sem_num, sem_op }) => sem_num === num && (forZero ? sem_op === 0 : sem_op < 0))
    if (isWaiting) count++
  }
  return count
}
