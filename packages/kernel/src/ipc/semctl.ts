/** semctl(2) (ipc/sem.c). */
import {
  EACCES, EFAULT, EINVAL, ERANGE, GETALL, GETNCNT, GETPID, GETVAL, GETZCNT, IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT,
  SEM_INFO, SEM_STAT, SEM_STAT_ANY, SETALL, SETVAL,
} from '@lsmkit/abi'
import type { IpcPermSet } from './checks.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { S_IRUGO, S_IWUGO, secondsNow } from './parts.ts'
import { SEMVMX, countSleepers } from '../state/ipc/sem-array.ts'
import type { SemArray } from '../state/ipc/sem-array.ts'
import { nrOf, tgidOf } from './stat.ts'
import type { IpcStat } from './stat.ts'
import type { Machine } from '../machine.ts'
import { dropSemUndo, forgetSemUndo } from './sem-undo.ts'
import { updatePerm, obtain, ipcperms } from './checks.ts'
import { obtainToChange, readInfo, readStat } from './ctl.ts'
import type { IpcKind } from './ctl.ts'
import { ownIpcNamespace } from './namespaces.ts'

/** `struct semid64_ds`. */
export interface SemidDs extends IpcStat {
  sem_otime: number
  sem_ctime: number
  sem_nsems: number
}

/** `struct seminfo`. */
export interface Seminfo {
  semmap: number
  semmni: number
  semmns: number
  semmnu: number
  semmsl: number
  semopm: number
  semume: number
  semusz: number
  semvmx: number
  semaem: number
}

const SEMAEM = SEMVMX

export const freeary = (machine: Machine, ns: IpcNamespace, set: SemArray): void => {
  ns.sem.remove(set)
  ns.used_sems -= set.sems.length
  dropSemUndo(machine, set)
  set.wait.wake()
  machine.callRcu(() => {
    machine.lsm.sem_free_security.tell(set.perm)
    set.release()
  })
}

const kind: IpcKind<SemArray> = {
  ids: ({ sem }) => sem,
  ask: (lsm, perm, cmd) => lsm.sem_semctl.ask(perm, cmd),
  statAny: SEM_STAT_ANY,
}

const semctlDown = (machine: Machine, ns: IpcNamespace, id: number, cmd: number, buf: IpcPermSet | null): number => {
  const set = obtainToChange(machine, kind, ns, id, cmd)
  if (typeof set === 'number') return set
  if (buf === null) {
    freeary(machine, ns, set)
    return 0
  }
  const rc = updatePerm(machine, set.perm, buf)
  if (rc === 0) set.ctime = secondsNow(machine)
  return rc
}

const statOf = ({ otime: sem_otime, ctime: sem_ctime, sems }: SemArray): Omit<SemidDs, keyof IpcStat> =>
  ({ sem_otime, sem_ctime, sem_nsems: sems.length })

/** SEM_INFO gives what is in use where IPC_INFO gives limits. */
const infoOf = ({ sem, sem_ctls, used_sems }: IpcNamespace, cmd: number): Seminfo => {
  const [semmsl, semmns, semopm, semmni] = sem_ctls
  return {
    semmsl, semmns, semopm, semmni, semmap: semmns, semmnu: semmns, semume: semopm, semvmx: SEMVMX,
    semusz: cmd === SEM_INFO ? sem.inUse : 20, semaem: cmd === SEM_INFO ? used_sems : SEMAEM,
  }
}

const setval = (machine: Machine, ns: IpcNamespace, id: number, num: number, value: number): number => {
  if (!(value >= 0 && value <= SEMVMX)) return -ERANGE
  const set = obtain(machine, ns.sem, id)
  if (typeof set === 'number') return set
  const sem = set.sems[num]
  if (sem === undefined) return -EINVAL
  if (!ipcperms(machine, ns.user_ns, set.perm, S_IWUGO)) return -EACCES
  const rc = machine.lsm.sem_semctl.ask(set.perm, SETVAL)
  if (rc !== 0) return rc
  forgetSemUndo(machine, set, num)
  sem.semval = value
  sem.sempid = tgidOf(machine.current.task)
  set.ctime = secondsNow(machine)
  set.wait.wake()
  return 0
}

const setall = (machine: Machine, set: SemArray, values: readonly number[]): number => {
  if (values.length < set.sems.length) return -EFAULT
  if (values.slice(0, set.sems.length).some((value) => !(value >= 0 && value <= SEMVMX))) return -ERANGE
  set.sems.forEach((sem, i) => {
    sem.semval = values[i]!
    sem.sempid = tgidOf(machine.current.task)
  })
  forgetSemUndo(machine, set, null)
  set.ctime = secondsNow(machine)
  set.wait.wake()
  return 0
}

/** As `semctl_main`. */
const semctlMain = (
  machine: Machine, ns: IpcNamespace, id: number, num: number, cmd: number, arg: number[] | null,
): number => {
  const set = obtain(machine, ns.sem, id)
  if (typeof set === 'number') return set
  if (!ipcperms(machine, ns.user_ns, set.perm, cmd === SETALL ? S_IWUGO : S_IRUGO)) return -EACCES
  const rc = machine.lsm.sem_semctl.ask(set.perm, cmd)
  if (rc !== 0) return rc
  if (cmd === GETALL || cmd === SETALL) {
    if (arg === null) return -EFAULT
    if (cmd === SETALL) return setall(machine, set, arg)
    set.sems.forEach(({ semval }, i) => (arg[i] = semval))
    return 0
  }
  const sem = set.sems[num]
  if (sem === undefined) return -EINVAL
  if (cmd === GETVAL) return sem.semval
  if (cmd === GETPID) return nrOf(machine, sem.sempid)
  return countSleepers(set, num, cmd === GETZCNT)
}

/** `arg` is the value of SETVAL, the list of GETALL and SETALL, or the struct of the others. */
export const semctl = (machine: Machine, id: number, num: number, cmd: number, arg: unknown): number => {
  if (id < 0) return -EINVAL
  const ns = ownIpcNamespace(machine)
  const object = typeof arg === 'object' ? arg : null
  switch (cmd) {
    case IPC_INFO:
    case SEM_INFO:
      return readInfo(machine, kind, ns, cmd, object, () => infoOf(ns, cmd))
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY:
      return readStat(machine, kind, ns, id, cmd, object, statOf)
    case GETALL:
    case SETALL:
    case GETVAL:
    case GETPID:
    case GETNCNT:
    case GETZCNT:
      return semctlMain(machine, ns, id, num, cmd, Array.isArray(arg) ? (arg as number[]) : null)
    case SETVAL:
      return setval(machine, ns, id, num, Number(arg))
    case IPC_SET:
      return object === null ? -EFAULT : semctlDown(machine, ns, id, cmd, object as IpcPermSet)
    case IPC_RMID:
      return semctlDown(machine, ns, id, cmd, null)
    default:
      return -EINVAL
  }
}
