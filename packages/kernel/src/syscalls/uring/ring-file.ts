/** The file of a ring: its mappings, what poll says, and its end. */
import {
  EINVAL, EPOLLIN, EPOLLOUT, IORING_OFF_CQ_RING, IORING_OFF_SQES, IORING_OFF_SQ_RING, IORING_SETUP_NO_MMAP, PAGE_SIZE,
  VM_DONTEXPAND,
} from '@lsmkit/abi'
import type { File, Vma } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { pageAlign } from '../../state/mm/address-space.ts'
import { fileOperations } from '../../state/vfs/driver.ts'
import type { FileOperations } from '../../state/vfs/driver.ts'
import { fileState } from '../../state/vfs/state.ts'
import { cancelOf } from './cancel.ts'
import { dropFiles } from './files.ts'
import { bytesOfRing, bytesOfSqes } from './layout.ts'
import { leavePoller } from './poller.ts'
import { dropEventfd } from './register.ts'
import { uringTable } from './table.ts'
import type { Ring } from '../../state/uring/ring.ts'

const dataOf = (file: File): Ring => fileState(file).data as Ring

/** Bytes that can be mapped at an offset of the file, or null where nothing lies. */
const sizeAt = (ring: Ring, offset: number): number | null => {
  if ((ring.flags & IORING_SETUP_NO_MMAP) !== 0) return null
  const place = offset - offset % IORING_OFF_CQ_RING
  if (place === IORING_OFF_SQ_RING || place === IORING_OFF_CQ_RING) return bytesOfRing(ring)
  return place === IORING_OFF_SQES ? bytesOfSqes(ring) : null
}

const mmap = (file: File, vma: Vma): number => {
  const size = sizeAt(dataOf(file), vma.vm_pgoff * PAGE_SIZE)
  if (size === null || vma.vm_end - vma.vm_start > pageAlign(size)) return -EINVAL
  vma.vm_flags |= VM_DONTEXPAND
  return 0
}

/** The last reference is gone: what is under way ends without an answer. */
const end = (machine: Machine, ring: Ring): void => {
  ring.isDead = true
  cancelOf(machine, ring, () => true)
  uringTable(machine).drop(ring)
  leavePoller(machine, ring)
  dropFiles(machine, ring)
  dropEventfd(machine, ring)
  for (const creds of ring.personalities.values()) machine.creds.put_cred(creds)
  ring.personalities.clear()
  ring.account.uncharge(ring.bytes)
}

export const uringFileOperations = (machine: Machine): FileOperations => fileOperations({
  mmap,
  poll(file) {
    const ring = dataOf(file)
    uringTable(machine).runReady()
    const isFull = ring.sq.length >= ring.sq_entries
    return (isFull ? 0 : EPOLLOUT) | (ring.cq.length + ring.overflowed.length > 0 ? EPOLLIN : 0)
  },
  poll_queue: (file) => dataOf(file).wait,
  show_fdinfo(file) {
    const ring = dataOf(file)
    return `SqMask:\t0x${(ring.sq_entries - 1).toString(16)}\nCqMask:\t0x${(ring.cq_entries - 1).toString(16)}\n` +
      `SQEs:\t${ring.sq.length}\nCQEs:\t${ring.cq.length}\nSqThread:\t${ring.poller?.task.pid ?? -1}\n` +
      `UserFiles:\t${ring.files?.length ?? 0}\nUserBufs:\t${ring.buffers?.length ?? 0}\n`
  },
  release: (_inode, file) => end(machine, dataOf(file)),
})
