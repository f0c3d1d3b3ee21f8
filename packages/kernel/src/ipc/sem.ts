/** Semaphore sets: semget, semop, semtimedop, semctl (ipc/sem.c). */
import {
  E2BIG, EACCES, EAGAIN, EFAULT, EFBIG, EINVAL, ENOMEM, ENOSPC, ERANGE, ERESTARTSYS, GETALL, GETNCNT, GETPID, GETVAL,
  GETZCNT, IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, SEM_INFO, SEM_STAT, SEM_STAT_ANY, SEM_UNDO, SETALL, SETVAL,
} from '@lsmkit/abi'
import type { KeyMap, Sembuf } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { isTimespec, msOf } from '../syscalls/timespec.ts'
import type { Timespec } from '../syscalls/timespec.ts'
import type { IpcChecks, IpcPermSet } from './checks.ts'
import { IpcPerm } from './ids.ts'
import type { IpcNamespace } from './namespace.ts'
import type { IpcNamespaces } from './namespaces.ts'
import { countSleepers, performSemop, SemArray, SEMVMX, setCost } from './sem-array.ts'
import type { Adjustments } from './sem-array.ts'
import type { SemUndo } from './sem-undo.ts'
import { ipcStat, nrOf, tgidOf } from './stat.ts'
import type { IpcStat } from './stat.ts'

const S_IRUGO = 0o444
const S_IWUGO = 0o222
const SEMAEM = SEMVMX

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

export const semSyscalls = (
  lsm: KeyMap, machine: Machine, namespaces: IpcNamespaces, checks: IpcChecks, undo: SemUndo,
) => {
  const { current } = machine
  const { ipcperms, ipcget, obtain, obtainOwned, update, sleepOn } = checks
  const seconds = (): number => machine.now().sec

  const newary = (ns: IpcNamespace, key: number, nsems: number, flag: number): number => {
    const [, semmns, , semmni] = ns.sem_ctls
    if (nsems === 0) return -EINVAL
    if (ns.used_sems + nsems > semmns) return -ENOSPC
    const { account } = machine
    if (!account.charge(setCost(nsems))) return -ENOMEM
    const perm = new IpcPerm(current.task, key, flag)
    const set = new SemArray(account, perm, nsems, seconds())
    let rc = lsm.sem_alloc_security.ask(perm)
    if (rc === 0) {
      rc = ns.sem.add(set, semmni)
      if (rc < 0) lsm.sem_free_security.tell(perm)
    }
    if (rc < 0) set.release()
    else ns.used_sems += nsems
    return rc
  }

  const semget = (key: number, nsems: number, flag: number): number => {
    const ns = namespaces.own()
    if (nsems < 0 || nsems > ns.sem_ctls[0]) return -EINVAL
    return ipcget(ns.user_ns, ns.sem, key, flag, {
      getnew: () => newary(ns, key, nsems, flag),
      associate: (perm) => lsm.sem_associate.ask(perm, flag),
      moreChecks: ({ sems }) => (nsems > sems.length ? -EINVAL : 0),
    })
  }

  /** As `do_semtimedop`. */
  const semtimedop = (
    id: number, sops: readonly Sembuf[] | null, nsops: number, timeout: Timespec | null,
  ): number => {
    const ns = namespaces.own()
    if (nsops >>> 0 > ns.sem_ctls[2]) return -E2BIG
    if (nsops < 1) return -EINVAL
    if (sops === null || sops.length < nsops) return -EFAULT
    if (id < 0 || (timeout !== null && !isTimespec(timeout))) return -EINVAL
    const operations = sops.slice(0, nsops)
    const set = obtain(ns.sem, id)
    if (typeof set === 'number') return set
    set.pending.delete(current.task)
    const alter = operations.some(({ sem_op }) => sem_op !== 0)
    // who has ever asked for it undoes, nothing perhaps, at its end
    const undoes = operations.some(({ sem_flg }) => (sem_flg & SEM_UNDO) !== 0)
    const adjustments: Adjustments | null = undoes ? undo.undoOf(current.task, set) : null
    if (undoes && adjustments === null) return -ENOMEM
    if (operations.some(({ sem_num }) => sem_num < 0 || sem_num >= set.sems.length)) return -EFBIG
    if (!ipcperms(ns.user_ns, set.perm, alter ? S_IWUGO : S_IRUGO)) return -EACCES
    const rc = lsm.sem_semop.ask(set.perm, operations, nsops, alter ? 1 : 0)
    return rc !== 0 ? rc : operate(set, operations, adjustments, timeout === null ? Infinity : msOf(timeout))
  }

  /** `ms`: how long it may take. */
  const operate = (
    set: SemArray, sops: readonly Sembuf[], adjustments: Adjustments | null, ms: number,
  ): number => {
    const rc = performSemop(set, sops, adjustments, tgidOf(current.task))
    if (rc === 0) {
      set.otime = seconds()
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
    sleepOn(set.perm, () => set.pending.delete(task))
    return asleep
  }

  const semop = (id: number, sops: readonly Sembuf[] | null, nsops: number): number => semtimedop(id, sops, nsops, null)

  const freeary = (ns: IpcNamespace, set: SemArray): void => {
    ns.sem.remove(set)
    ns.used_sems -= set.sems.length
    undo.drop(set)
    set.wait.wake()
    machine.callRcu(() => {
      lsm.sem_free_security.tell(set.perm)
      set.release()
    })
  }

  const semctlDown = (ns: IpcNamespace, id: number, cmd: number, buf: IpcPermSet | null): number => {
    const set = obtainOwned(ns.user_ns, ns.sem, id)
    if (typeof set === 'number') return set
    let rc = lsm.sem_semctl.ask(set.perm, cmd)
    if (rc !== 0) return rc
    if (buf === null) {
      freeary(ns, set)
      return 0
    }
    rc = update(set.perm, buf)
    if (rc === 0) set.ctime = seconds()
    return rc
  }

  const semctlStat = (ns: IpcNamespace, id: number, cmd: number, buf: SemidDs | null): number => {
    const set = cmd === IPC_STAT ? obtain(ns.sem, id) : (ns.sem.at(id) ?? -EINVAL)
    if (typeof set === 'number') return set
    if (cmd !== SEM_STAT_ANY && !ipcperms(ns.user_ns, set.perm, S_IRUGO)) return -EACCES
    const rc = lsm.sem_semctl.ask(set.perm, cmd)
    if (rc !== 0) return rc
    if (buf === null) return -EFAULT
    const { otime: sem_otime, ctime: sem_ctime, sems } = set
    Object.assign(buf, ipcStat(current.task.cred.user_ns, set.perm), { sem_otime, sem_ctime, sem_nsems: sems.length })
    return cmd === IPC_STAT ? 0 : set.perm.id
  }

  const semctlInfo = (ns: IpcNamespace, cmd: number, buf: Seminfo | null): number => {
    const rc = lsm.sem_semctl.ask(null as never, cmd)
    if (rc !== 0) return rc
    if (buf === null) return -EFAULT
    const [semmsl, semmns, semopm, semmni] = ns.sem_ctls
    Object.assign(buf, {
      semmsl, semmns, semopm, semmni, semmap: semmns, semmnu: semmns, semume: semopm, semvmx: SEMVMX,
      semusz: cmd === SEM_INFO ? ns.sem.inUse : 20, semaem: cmd === SEM_INFO ? ns.used_sems : SEMAEM,
    })
    return Math.max(ns.sem.maxIndex, 0)
  }

  const setval = (ns: IpcNamespace, id: number, num: number, value: number): number => {
    if (!(value >= 0 && value <= SEMVMX)) return -ERANGE
    const set = obtain(ns.sem, id)
    if (typeof set === 'number') return set
    const sem = set.sems[num]
    if (sem === undefined) return -EINVAL
    if (!ipcperms(ns.user_ns, set.perm, S_IWUGO)) return -EACCES
    const rc = lsm.sem_semctl.ask(set.perm, SETVAL)
    if (rc !== 0) return rc
    undo.forget(set, num)
    sem.semval = value
    sem.sempid = tgidOf(current.task)
    set.ctime = seconds()
    set.wait.wake()
    return 0
  }

  const setall = (set: SemArray, values: readonly number[]): number => {
    if (values.length < set.sems.length) return -EFAULT
    if (values.slice(0, set.sems.length).some((value) => !(value >= 0 && value <= SEMVMX))) return -ERANGE
    set.sems.forEach((sem, i) => {
      sem.semval = values[i]!
      sem.sempid = tgidOf(current.task)
    })
    undo.forget(set, null)
    set.ctime = seconds()
    set.wait.wake()
    return 0
  }

  /** As `semctl_main`. */
  const semctlMain = (ns: IpcNamespace, id: number, num: number, cmd: number, arg: number[] | null): number => {
    const set = obtain(ns.sem, id)
    if (typeof set === 'number') return set
    if (!ipcperms(ns.user_ns, set.perm, cmd === SETALL ? S_IWUGO : S_IRUGO)) return -EACCES
    const rc = lsm.sem_semctl.ask(set.perm, cmd)
    if (rc !== 0) return rc
    if (cmd === GETALL || cmd === SETALL) {
      if (arg === null) return -EFAULT
      if (cmd === SETALL) return setall(set, arg)
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
  const semctl = (id: number, num: number, cmd: number, arg: unknown): number => {
    if (id < 0) return -EINVAL
    const ns = namespaces.own()
    const object = typeof arg === 'object' ? arg : null
    switch (cmd) {
      case IPC_INFO:
      case SEM_INFO:
        return semctlInfo(ns, cmd, object as Seminfo | null)
      case IPC_STAT:
      case SEM_STAT:
      case SEM_STAT_ANY:
        return semctlStat(ns, id, cmd, object as SemidDs | null)
      case GETALL:
      case SETALL:
      case GETVAL:
      case GETPID:
      case GETNCNT:
      case GETZCNT:
        return semctlMain(ns, id, num, cmd, Array.isArray(arg) ? (arg as number[]) : null)
      case SETVAL:
        return setval(ns, id, num, Number(arg))
      case IPC_SET:
        return object === null ? -EFAULT : semctlDown(ns, id, cmd, object as IpcPermSet)
      case IPC_RMID:
        return semctlDown(ns, id, cmd, null)
      default:
        return -EINVAL
    }
  }

  return { calls: { semget, semop, semtimedop, semctl }, freeary }
}
