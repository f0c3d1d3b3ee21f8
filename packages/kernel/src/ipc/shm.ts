/** Shared memory segments: making, finding and removing them (ipc/shm.c). */
import { EINVAL, ENOMEM, ENOSPC, PAGE_SIZE } from '@lsmkit/abi'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import { secondsNow } from './parts.ts'
import { IpcPerm } from '../state/ipc/ids.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import { SHM_DEST, ShmSegment } from '../state/ipc/shm-segment.ts'
import { tgidOf } from './stat.ts'
import { ownIpcNamespace } from './namespaces.ts'
import { ipcget } from './checks.ts'

const nameOf = (key: number): string => `SYSV${(key >>> 0).toString(16).padStart(8, '0')}`

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
    ? new ShmSegment(account, perm, file, size, tgidOf(machine.current.task), secondsNow(machine)) : null
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

/** A removed segment is destroyed with its last attachment. */
export const putSegment = (machine: Machine, ns: IpcNamespace, segment: ShmSegment): void => {
  if (segment.nattch === 0 && (segment.perm.mode & SHM_DEST) !== 0 && !segment.perm.deleted) destroy(
    machine, ns, segment,
  )
}

/** As `do_shm_rmid`: destroys the segment now, or with its last attachment. */
export const removeSegment = (machine: Machine, ns: IpcNamespace, segment: ShmSegment): void => {
  if (segment.nattch === 0) return destroy(machine, ns, segment)
  segment.perm.mode |= SHM_DEST
  ns.shm.hideKey(segment)
}
