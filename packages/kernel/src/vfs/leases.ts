/**
 * Leases (F_SETLEASE of fs/locks.c). A task that opens or truncates a file in conflict with a lease waits; the holder
 * gets SIGIO. If the holder does not drop or downgrade the lease in time, the kernel does.
 */
import {
  EAGAIN, F_OWNER_PID, F_RDLCK, F_UNLCK, F_WRLCK, FMODE_WRITE, O_ACCMODE, O_NONBLOCK, O_RDONLY,
} from '@lsmkit/abi'
import type { File, Inode } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { COST } from '../state/memory-costs.ts'
import { InodeLeases } from '../state/vfs/lease-table.ts'
import type { Lease } from '../state/vfs/lease-table.ts'
import { fileState, inodeState } from '../state/vfs/state.ts'
import { send_sigio } from './owner.ts'

/** lease_break_time: 45 seconds, in milliseconds. */
const BREAK_TIME = 45_000

const modify = (leases: InodeLeases, lease: Lease, type: number): void => {
  lease.type = type
  lease.lowerBy = null
  if (type !== F_RDLCK) lease.endBy = null
  if (lease.endBy === null) leases.asked.delete(lease)
  if (type === F_UNLCK) {
    leases.held.delete(lease.file)
    fileState(lease.file).rare?.watchers?.delete(lease)
    fileState(lease.file).uncharge(COST.lease)
    fileState(lease.file).makeRare().owner = { pid: null, type: F_OWNER_PID }
    if (lease.file.f_owner !== null) lease.file.f_owner.signum = 0
  }
  leases.wait.wake()
}

/** As `time_out_leases`: drops or downgrades leases whose time is over. */
const timeOut = (machine: Machine, leases: InodeLeases): void => {
  const now = machine.clock()
  for (const lease of [...leases.asked]) {
    if (lease.endBy !== null && now >= lease.endBy) modify(leases, lease, F_UNLCK)
    else if (lease.lowerBy !== null && now >= lease.lowerBy) modify(leases, lease, F_RDLCK)
  }
}

const find = ({ leaseTable }: Machine, file: File): Lease | undefined =>
  leaseTable.ofInode.get(file.f_inode)?.held.get(file)

/** As `check_conflicting_open`: whether another open file conflicts with the lease. */
const isOpenAgainst = (file: File, type: number): boolean => {
  const inode = file.f_inode
  if (type === F_RDLCK) return inode.i_writecount > 0
  const writes = (file.f_mode & FMODE_WRITE) !== 0
  return inode.i_writecount !== (writes ? 1 : 0) || inodeState(inode).i_readcount !== (writes ? 0 : 1)
}

/** As `fcntl_getlease`: the type of the file's lease, or the type that it is being downgraded to. */
export const fcntl_getlease = (machine: Machine, file: File): number => {
  const leases = machine.leaseTable.ofInode.get(file.f_inode)
  if (leases !== undefined) timeOut(machine, leases)
  const lease = find(machine, file)
  if (lease === undefined || lease.endBy !== null) return F_UNLCK
  return lease.lowerBy !== null ? F_RDLCK : lease.type
}

/** As `generic_add_lease`: gives the file a lease or changes its type. 0 or -EAGAIN. */
export const generic_add_lease = (machine: Machine, file: File, type: number): number => {
  const leases = machine.leaseTable.ofInode.get(file.f_inode) ?? new InodeLeases()
  timeOut(machine, leases)
  if (isOpenAgainst(file, type)) return -EAGAIN
  const own = find(machine, file)
  if (type === F_WRLCK && leases.held.size > (own === undefined ? 0 : 1)) return -EAGAIN
  for (const lease of leases.asked) if (lease !== own && lease.endBy !== null) return -EAGAIN
  if (own !== undefined) {
    modify(leases, own, type)
    return 0
  }
  machine.leaseTable.ofInode.set(file.f_inode, leases)
  const fileEnded = (): void => void generic_delete_lease(machine, file)
  const lease: Lease = { file, type, lowerBy: null, endBy: null, fileEnded }
  leases.held.set(file, lease)
  // each file has at most one
  fileState(file).force(COST.lease)
  ;(fileState(file).makeRare().watchers ??= new Set()).add(lease)
  return 0
}

export const generic_delete_lease = (machine: Machine, file: File): number => {
  const lease = find(machine, file)
  if (lease === undefined) return -EAGAIN
  modify(machine.leaseTable.ofInode.get(file.f_inode)!, lease, F_UNLCK)
  return 0
}

/**
 * Starts the time in which the holder has to drop (`isWrite`) or downgrade the lease. The first request sends SIGIO.
 */
const request = (machine: Machine, leases: InodeLeases, lease: Lease, isWrite: boolean): void => {
  const until = machine.clock() + BREAK_TIME
  if (isWrite) {
    if (lease.endBy !== null) return
    lease.endBy = until
  } else {
    if (lease.endBy !== null || lease.lowerBy !== null) return
    lease.lowerBy = until
  }
  leases.asked.add(lease)
  send_sigio(machine, lease.file)
}

/** The write lease, if there is one. It is then the only lease. */
const writeLease = ({ held }: InodeLeases): Lease[] => {
  for (const lease of held.values()) return lease.type === F_WRLCK ? [lease] : []
  return []
}

/**
 * As `__break_lease`, before a file is opened or truncated: 0 to go on, -EAGAIN with O_NONBLOCK, or -ERESTARTSYS to
 * sleep.
 */
export const break_lease = (machine: Machine, inode: Inode, flags: number): number => {
  const leases = machine.leaseTable.ofInode.get(inode)
  if (leases === undefined) return 0
  timeOut(machine, leases)
  const isWrite = (flags & O_ACCMODE) !== O_RDONLY
  const against = isWrite ? [...leases.held.values()] : writeLease(leases)
  if (against.length === 0) return 0
  for (const lease of against) request(machine, leases, lease, isWrite)
  if ((flags & O_NONBLOCK) !== 0) return -EAGAIN
  const ends = against.map(({ endBy, lowerBy }) => endBy ?? lowerBy ?? Infinity)
  return machine.sleep(leases.wait, ends.reduce((first, end) => Math.min(first, end)))
}
