/** io_uring_setup: checks what is asked for, and makes the ring, its thread and its file (`io_uring_create`). */
import {
  CAP_IPC_LOCK, CAP_SYS_ADMIN, EFAULT, EINVAL, ENOMEM, ENXIO, EPERM, IORING_FEAT_CQE_SKIP, IORING_FEAT_CUR_PERSONALITY,
  IORING_FEAT_EXT_ARG, IORING_FEAT_FAST_POLL, IORING_FEAT_LINKED_FILE, IORING_FEAT_MIN_TIMEOUT,
  IORING_FEAT_NATIVE_WORKERS, IORING_FEAT_NODROP, IORING_FEAT_POLL_32BITS, IORING_FEAT_RECVSEND_BUNDLE,
  IORING_FEAT_REG_REG_RING, IORING_FEAT_RSRC_TAGS, IORING_FEAT_RW_CUR_POS, IORING_FEAT_SINGLE_MMAP,
  IORING_FEAT_SQPOLL_NONFIXED, IORING_FEAT_SUBMIT_STABLE, IORING_SETUP_ATTACH_WQ, IORING_SETUP_CLAMP,
  IORING_SETUP_COOP_TASKRUN, IORING_SETUP_CQE32, IORING_SETUP_CQSIZE, IORING_SETUP_DEFER_TASKRUN, IORING_SETUP_IOPOLL,
  IORING_SETUP_NO_MMAP, IORING_SETUP_NO_SQARRAY, IORING_SETUP_REGISTERED_FD_ONLY, IORING_SETUP_R_DISABLED,
  IORING_SETUP_SINGLE_ISSUER, IORING_SETUP_SQE128, IORING_SETUP_SQPOLL, IORING_SETUP_SQ_AFF, IORING_SETUP_SUBMIT_ALL,
  IORING_SETUP_TASKRUN_FLAG, O_RDWR,
} from '@lsmkit/abi'
import { capable, in_group, ns_capable_noaudit } from '@lsmkit/core'
import type { File } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { COST } from '../../state/memory-costs.ts'
import { fget } from '../../state/vfs/fdtable.ts'
import type { IoUringParams } from '../../state/uring/entries.ts'
import { cqOffsets, sqOffsets } from './layout.ts'
import { leavePoller, startPoller } from './poller.ts'
import { placeRing } from './registered-rings.ts'
import { ringOf } from './ring-of-fd.ts'
import { uringTable } from './table.ts'
import { IO_RINGFD_REG_MAX, Ring } from '../../state/uring/ring.ts'
import type { Poller } from '../../state/uring/ring.ts'

const IORING_MAX_ENTRIES = 32768
const IORING_MAX_CQ_ENTRIES = 2 * IORING_MAX_ENTRIES
/** Milliseconds until a polling thread sleeps, unless it is told. */
const IDLE = 1000

const KNOWN_FLAGS = IORING_SETUP_IOPOLL | IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF | IORING_SETUP_CQSIZE |
  IORING_SETUP_CLAMP | IORING_SETUP_ATTACH_WQ | IORING_SETUP_R_DISABLED | IORING_SETUP_SUBMIT_ALL |
  IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SQE128 | IORING_SETUP_CQE32 |
  IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_NO_MMAP | IORING_SETUP_REGISTERED_FD_ONLY |
  IORING_SETUP_NO_SQARRAY

const FEATURES = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP | IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_RW_CUR_POS |
  IORING_FEAT_CUR_PERSONALITY | IORING_FEAT_FAST_POLL | IORING_FEAT_POLL_32BITS | IORING_FEAT_SQPOLL_NONFIXED |
  IORING_FEAT_EXT_ARG | IORING_FEAT_NATIVE_WORKERS | IORING_FEAT_RSRC_TAGS | IORING_FEAT_CQE_SKIP |
  IORING_FEAT_LINKED_FILE | IORING_FEAT_REG_REG_RING | IORING_FEAT_RECVSEND_BUNDLE | IORING_FEAT_MIN_TIMEOUT

const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(n))

/** How many entries the two queues get, or -EINVAL. */
const sizesOf = (entries: number, p: IoUringParams): readonly [sq: number, cq: number] | number => {
  const clamps = (p.flags & IORING_SETUP_CLAMP) !== 0
  if (entries === 0 || (entries > IORING_MAX_ENTRIES && !clamps)) return -EINVAL
  const sq = powerOfTwo(Math.min(entries, IORING_MAX_ENTRIES))
  if ((p.flags & IORING_SETUP_CQSIZE) === 0) return [sq, 2 * sq]
  const asked = (p.cq_entries ?? 0) >>> 0
  if (asked === 0 || (asked > IORING_MAX_CQ_ENTRIES && !clamps)) return -EINVAL
  const cq = powerOfTwo(Math.min(asked, IORING_MAX_CQ_ENTRIES))
  return cq < sq ? -EINVAL : [sq, cq]
}

/** Flags that exclude each other. */
const flagsFit = (flags: number): boolean => {
  const has = (flag: number): boolean => (flags & flag) !== 0
  const isRunning = has(IORING_SETUP_COOP_TASKRUN) || has(IORING_SETUP_TASKRUN_FLAG) || has(IORING_SETUP_DEFER_TASKRUN)
  if (has(IORING_SETUP_SQPOLL) && isRunning) return false
  const isFlagAlone = has(IORING_SETUP_TASKRUN_FLAG) && !has(IORING_SETUP_DEFER_TASKRUN)
  if (isFlagAlone && !has(IORING_SETUP_COOP_TASKRUN)) return false
  return !has(IORING_SETUP_DEFER_TASKRUN) || has(IORING_SETUP_SINGLE_ISSUER)
}

/** The ring that `wq_fd` names. */
const attached = (machine: Machine, fd: number): Ring | number => {
  const file = fget(machine.current.task, fd)
  return file === null ? -ENXIO : (ringOf(machine, file) ?? -EINVAL)
}

/** A thread of the caller's that polls already, or a new one. */
const pollerFor = (machine: Machine, p: IoUringParams): Poller | number => {
  if ((p.flags & IORING_SETUP_ATTACH_WQ) !== 0) {
    const other = attached(machine, p.wq_fd ?? 0)
    if (typeof other === 'number') return other
    if (other.poller === null) return -EINVAL
    // one of another process is not shared: a new one is made
    if (other.poller.tgid === machine.current.task.tgid) return other.poller.isAlive ? other.poller : -ENXIO
  }
  // there is one processor
  if ((p.flags & IORING_SETUP_SQ_AFF) !== 0 && (p.sq_thread_cpu ?? 0) !== 0) return -EINVAL
  return startPoller(machine, p.sq_thread_idle || IDLE)
}

/** As `io_sq_offload_create`. */
const offload = (machine: Machine, ring: Ring, p: IoUringParams): number => {
  if ((p.flags & IORING_SETUP_SQPOLL) === 0) {
    const other = (p.flags & IORING_SETUP_ATTACH_WQ) !== 0 ? attached(machine, p.wq_fd ?? 0) : 0
    if (typeof other === 'number' && other !== 0) return other
    return (p.flags & IORING_SETUP_SQ_AFF) !== 0 ? -EINVAL : 0
  }
  const rc = machine.lsm.uring_sqpoll.ask()
  if (rc !== 0) return rc
  const poller = pollerFor(machine, p)
  if (typeof poller === 'number') return poller
  poller.rings.set(ring, machine.creds.get_cred(machine.current.task.cred))
  ring.poller = poller
  return 0
}

const fillIn = (p: IoUringParams, ring: Ring): void => {
  p.sq_entries = ring.sq_entries
  p.cq_entries = ring.cq_entries
  p.features = FEATURES
  p.sq_off = sqOffsets(ring)
  p.cq_off = cqOffsets()
}

/** The file of the new ring, under a descriptor or a number of the task's own. */
const install = (machine: Machine, ring: Ring, file: File): number => {
  if ((ring.flags & IORING_SETUP_REGISTERED_FD_ONLY) === 0) return machine.vfs.installNew(() => file, true)
  const place = placeRing(machine, file, 0, IO_RINGFD_REG_MAX)
  machine.vfs.fput(file)
  return place
}

const create = (machine: Machine, entries: number, p: IoUringParams): number => {
  const sizes = sizesOf(entries, p)
  if (typeof sizes === 'number') return sizes
  const isHidden = (p.flags & IORING_SETUP_REGISTERED_FD_ONLY) !== 0
  if (isHidden && (p.flags & IORING_SETUP_NO_MMAP) === 0) return -EINVAL
  // memory of users without the capability is counted against their limits
  ns_capable_noaudit(machine.lsm, machine.current, machine.init_user_ns, CAP_IPC_LOCK)
  if (!flagsFit(p.flags)) return -EINVAL
  const { account } = machine
  const bytes = (sizes[0] + sizes[1]) * COST.descriptor
  if (!account.charge(bytes)) return -ENOMEM
  const ring = new Ring(p.flags, sizes[0], sizes[1], account, bytes)
  let rc = offload(machine, ring, p)
  if (rc === 0) {
    fillIn(p, ring)
    const isBound = (p.flags & IORING_SETUP_SINGLE_ISSUER) !== 0 && (p.flags & IORING_SETUP_R_DISABLED) === 0
    if (isBound) ring.submitter = machine.current.task
    const file = machine.vfs.anon_inode_create_getfile('[io_uring]', uringTable(machine).fops, ring, O_RDWR)
    // from here on the file owns the ring
    if (typeof file !== 'number') return install(machine, ring, file)
    rc = file
  }
  leavePoller(machine, ring)
  account.uncharge(bytes)
  return rc
}

/** As `io_uring_allowed`: by kernel.io_uring_disabled, and from 6.15 on by the LSMs. */
const allowed = (machine: Machine): number => {
  const { sysctl, lsm, current } = machine
  if (sysctl.io_uring_disabled === 2) return -EPERM
  const isOpen = sysctl.io_uring_disabled === 0 || capable(lsm, current, CAP_SYS_ADMIN)
  if (!isOpen && !(sysctl.io_uring_group >= 0 && in_group(current.task.cred, sysctl.io_uring_group))) return -EPERM
  // a hook of 6.15 and later
  return (lsm as { readonly uring_allowed?: { ask(): number } }).uring_allowed?.ask() ?? 0
}

export const setup = (machine: Machine, entries: number, p: IoUringParams | null): number => {
  const rc = allowed(machine)
  if (rc !== 0) return rc
  if (p === null || typeof p !== 'object') return -EFAULT
  if ((p.resv ?? []).some((word) => word !== 0) || (p.flags & ~KNOWN_FLAGS) !== 0) return -EINVAL
  return create(machine, entries >>> 0, p)
}
