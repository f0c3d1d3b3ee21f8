/** shmctl(2) (ipc/shm.c). */
import {
  CAP_IPC_LOCK, EFAULT, EINVAL, EPERM, IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, RLIMIT_MEMLOCK, SHM_INFO, SHM_LOCK,
  SHM_STAT, SHM_STAT_ANY, SHM_UNLOCK,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { rlimit } from '../state/task/rlimits.ts'
import type { IpcPermSet } from './checks.ts'
import { obtainToChange, readInfo, readStat } from './ctl.ts'
import type { IpcKind } from './ctl.ts'
import { secondsNow } from './parts.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { SHM_LOCKED } from '../state/ipc/shm-segment.ts'
import type { ShmSegment } from '../state/ipc/shm-segment.ts'
import { nrOf } from './stat.ts'
import type { IpcStat } from './stat.ts'
import { ownIpcNamespace } from './namespaces.ts'
import { updatePerm, obtain } from './checks.ts'
import { removeSegment } from './shm.ts'

/** `struct shmid64_ds`. */
export interface ShmidDs extends IpcStat {
  shm_segsz: number
  shm_atime: number
  shm_dtime: number
  shm_ctime: number
  shm_cpid: number
  shm_lpid: number
  shm_nattch: number
}

/** `struct shminfo64` of IPC_INFO. */
export interface Shminfo {
  shmmax: number
  shmmin: number
  shmmni: number
  shmseg: number
  shmall: number
}

/** `struct shm_info` of SHM_INFO. */
export interface ShmUse {
  used_ids: number
  shm_tot: number
  shm_rss: number
  shm_swp: number
}

const kind: IpcKind<ShmSegment> = {
  ids: ({ shm }) => shm,
  ask: (lsm, perm, cmd) => lsm.shm_shmctl.ask(perm, cmd),
  statAny: SHM_STAT_ANY,
}

const shmctlDown = (machine: Machine, ns: IpcNamespace, id: number, cmd: number, buf: IpcPermSet | null): number => {
  const segment = obtainToChange(machine, kind, ns, id, cmd)
  if (typeof segment === 'number') return segment
  if (buf === null) {
    removeSegment(machine, ns, segment)
    return 0
  }
  const rc = updatePerm(machine, segment.perm, buf)
  if (rc === 0) segment.ctime = secondsNow(machine)
  return rc
}

const statOf = (machine: Machine, segment: ShmSegment): Omit<ShmidDs, keyof IpcStat> => ({
  shm_segsz: segment.segsz, shm_atime: segment.atime, shm_dtime: segment.dtime, shm_ctime: segment.ctime,
  shm_cpid: nrOf(machine, segment.cpid), shm_lpid: nrOf(machine, segment.lpid), shm_nattch: segment.nattch,
})

const limitsOf = (ns: IpcNamespace): Shminfo => ({
  shmmax: ns.shm_ctlmax, shmmin: 1, shmmni: ns.shm_ctlmni, shmseg: ns.shm_ctlmni, shmall: ns.shm_ctlall,
})

const useOf = ({ shm, shm_tot }: IpcNamespace): ShmUse =>
  ({ used_ids: shm.inUse, shm_tot, shm_rss: shm_tot, shm_swp: 0 })

/** Locking needs CAP_IPC_LOCK, or ownership and a limit that is not 0. */
const shmctlLock = (machine: Machine, ns: IpcNamespace, id: number, cmd: number): number => {
  const segment = obtain(machine, ns.shm, id)
  if (typeof segment === 'number') return segment
  const { perm } = segment
  const rc = machine.lsm.shm_shmctl.ask(perm, cmd)
  if (rc !== 0) return rc
  if (!ns_capable(machine.lsm, machine.current, ns.user_ns, CAP_IPC_LOCK)) {
    const { euid } = machine.current.task.cred
    if (euid !== perm.uid && euid !== perm.cuid) return -EPERM
    if (cmd === SHM_LOCK && rlimit(machine.current.task, RLIMIT_MEMLOCK) === 0) return -EPERM
  }
  perm.mode = cmd === SHM_LOCK ? perm.mode | SHM_LOCKED : perm.mode & ~SHM_LOCKED
  return 0
}

export const shmctl = (machine: Machine, id: number, cmd: number, buf: object | null): number => {
  if (cmd < 0 || id < 0) return -EINVAL
  const ns = ownIpcNamespace(machine)
  switch (cmd) {
    case IPC_INFO:
    case SHM_INFO:
      return readInfo(machine, kind, ns, cmd, buf, () => (cmd === IPC_INFO ? limitsOf(ns) : useOf(ns)))
    case SHM_STAT:
    case SHM_STAT_ANY:
    case IPC_STAT:
      return readStat(machine, kind, ns, id, cmd, buf, (segment) => statOf(machine, segment))
    case IPC_SET:
      return buf === null ? -EFAULT : shmctlDown(machine, ns, id, cmd, buf as IpcPermSet)
    case IPC_RMID:
      return shmctlDown(machine, ns, id, cmd, null)
    case SHM_LOCK:
    case SHM_UNLOCK:
      return shmctlLock(machine, ns, id, cmd)
    default:
      return -EINVAL
  }
}
