/** Shared memory segments: shmget, shmctl (ipc/shm.c); attaching them is shm-attach.ts. */
import {
  CAP_IPC_LOCK, EACCES, EFAULT, EINVAL, ENOMEM, ENOSPC, EPERM, IPC_INFO, IPC_RMID, IPC_SET, IPC_STAT, PAGE_SIZE,
  RLIMIT_MEMLOCK, SHM_INFO, SHM_LOCK, SHM_STAT, SHM_STAT_ANY, SHM_UNLOCK,
} from '@lsmkit/abi'
import { ns_capable } from '@lsmkit/core'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import { rlimit } from '../state/task/rlimits.ts'
import type { IpcPermSet } from './checks.ts'
import { IpcPerm } from '../state/ipc/ids.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { SHM_DEST, SHM_LOCKED, ShmSegment } from '../state/ipc/shm-segment.ts'
import { ipcStat, nrOf, tgidOf } from './stat.ts'
import type { IpcStat } from './stat.ts'
import { ownIpcNamespace } from './namespaces.ts'
import { ipcget, obtainOwned, updatePerm, obtain, ipcperms } from './checks.ts'

const S_IRUGO = 0o444

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

const nameOf = (key: number): string => `SYSV${(key >>> 0).toString(16).padStart(8, '0')}`

const seconds = (machine: Machine): number => machine.now().sec

const newseg = (machine: Machine, ns: IpcNamespace, key: number, size: number, flag: number): number => {
  const pages = Math.ceil(size / PAGE_SIZE)
  if (!(size >= 1 && size <= ns.shm_ctlmax)) return -EINVAL
  if (ns.shm_tot + pages > ns.shm_ctlall) return -ENOSPC
  const perm = new IpcPerm(machine.current.task, key, flag)
  let rc = machine.lsm.shm_alloc_security.ask(perm)
  if (rc !== 0) return rc
  const file = machine.shmem.kernel_file_setup(nameOf(key), size)
  if (typeof file === 'number') {
    machine.lsm.shm_free_security.tell(perm)
    return file
  }
  const { account } = machine
  const segment = account.charge(COST.shmSegment)
    ? new ShmSegment(account, perm, file, size, tgidOf(machine.current.task), seconds(machine)) : null
  rc = segment === null ? -ENOMEM : ns.shm.add(segment, ns.shm_ctlmni)
  if (segment === null || rc < 0) {
    segment?.release()
    machine.vfs.fput(file)
    machine.lsm.shm_free_security.tell(perm)
    return rc
  }
  file.f_inode.i_ino = rc
  ns.shm_tot += segment.pages
  return rc
}

export const shmget = (machine: Machine, key: number, size: number, flag: number): number => {
  const ns = ownIpcNamespace(machine)
  return ipcget(machine, ns.user_ns, ns.shm, key, flag, {
    getnew: () => newseg(machine, ns, key, size, flag),
    associate: (perm) => machine.lsm.shm_associate.ask(perm, flag),
    // a size_t
    moreChecks: ({ segsz }) => (size < 0 || segsz < size ? -EINVAL : 0),
  })
}

/** As `shm_destroy`. */
const destroy = (machine: Machine, ns: IpcNamespace, segment: ShmSegment): void => {
  ns.shm_tot -= segment.pages
  ns.shm.remove(segment)
  machine.vfs.fput(segment.file)
  machine.callRcu(() => {
    machine.lsm.shm_free_security.tell(segment.perm)
    segment.release()
  })
}

/** A segment that was removed goes with its last attachment. */
export const putSegment = (machine: Machine, ns: IpcNamespace, segment: ShmSegment): void => {
  if (segment.nattch === 0 && (segment.perm.mode & SHM_DEST) !== 0 && !segment.perm.deleted) destroy(
    machine, ns, segment,
  )
}

/** As `do_shm_rmid`: at once, or with its last attachment. */
export const removeSegment = (machine: Machine, ns: IpcNamespace, segment: ShmSegment): void => {
  if (segment.nattch === 0) return destroy(machine, ns, segment)
  segment.perm.mode |= SHM_DEST
  ns.shm.hideKey(segment)
}

const shmctlDown = (machine: Machine, ns: IpcNamespace, id: number, cmd: number, buf: IpcPermSet | null): number => {
  const segment = obtainOwned(machine, ns.user_ns, ns.shm, id)
  if (typeof segment === 'number') return segment
  let rc = machine.lsm.shm_shmctl.ask(segment.perm, cmd)
  if (rc !== 0) return rc
  if (buf === null) {
    removeSegment(machine, ns, segment)
    return 0
  }
  rc = updatePerm(machine, segment.perm, buf)
  if (rc === 0) segment.ctime = seconds(machine)
  return rc
}

const shmctlStat = (machine: Machine, ns: IpcNamespace, id: number, cmd: number, buf: ShmidDs | null): number => {
  const segment = cmd === IPC_STAT ? obtain(machine, ns.shm, id) : (ns.shm.at(id) ?? -EINVAL)
  if (typeof segment === 'number') return segment
  if (cmd !== SHM_STAT_ANY && !ipcperms(machine, ns.user_ns, segment.perm, S_IRUGO)) return -EACCES
  const rc = machine.lsm.shm_shmctl.ask(segment.perm, cmd)
  if (rc !== 0) return rc
  if (buf === null) return -EFAULT
  Object.assign(buf, ipcStat(machine.current.task.cred.user_ns, segment.perm), {
    shm_segsz: segment.segsz, shm_atime: segment.atime, shm_dtime: segment.dtime, shm_ctime: segment.ctime,
    shm_cpid: nrOf(machine, segment.cpid), shm_lpid: nrOf(machine, segment.lpid), shm_nattch: segment.nattch,
  })
  return cmd === IPC_STAT ? 0 : segment.perm.id
}

const shmctlInfo = (machine: Machine, ns: IpcNamespace, cmd: number, buf: object | null): number => {
  const rc = machine.lsm.shm_shmctl.ask(null as never, cmd)
  if (rc !== 0) return rc
  if (buf === null) return -EFAULT
  const limits: Shminfo = {
    shmmax: ns.shm_ctlmax, shmmin: 1, shmmni: ns.shm_ctlmni, shmseg: ns.shm_ctlmni, shmall: ns.shm_ctlall,
  }
  const use: ShmUse = { used_ids: ns.shm.inUse, shm_tot: ns.shm_tot, shm_rss: ns.shm_tot, shm_swp: 0 }
  Object.assign(buf, cmd === IPC_INFO ? limits : use)
  return Math.max(ns.shm.maxIndex, 0)
}

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
      return shmctlInfo(machine, ns, cmd, buf)
    case SHM_STAT:
    case SHM_STAT_ANY:
    case IPC_STAT:
      return shmctlStat(machine, ns, id, cmd, buf as ShmidDs | null)
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
