/** Rings that a task names by small numbers instead of descriptors (io_uring/tctx.c). */
import { EBUSY, EFAULT, EINVAL } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { ringFile } from './ring-of-fd.ts'
import { uringTable } from './table.ts'
import { IO_RINGFD_REG_MAX } from '../../state/uring/ring.ts'
import type { Ring } from '../../state/uring/ring.ts'

/** `struct io_uring_rsrc_update`: the number, or -1 for a free one, and the ring's descriptor. */
interface RingUpdate {
  offset: number
  readonly data: number
}

const ANY = 0xffffffff

/** Puts a ring at a free number from `first` up to `end`: the number, or -EBUSY. The reference is the place's. */
export const placeRing = (machine: Machine, file: File, first: number, end: number): number => {
  const { registered } = uringTable(machine).of(machine.current.task)
  for (let place = first; place < end; place++) {
    if (registered[place] !== null) continue
    file.f_count++
    registered[place] = file
    return place
  }
  return -EBUSY
}

const registerOne = (machine: Machine, update: RingUpdate): number => {
  const isAny = update.offset >>> 0 === ANY
  if (!isAny && (update.offset < 0 || update.offset >= IO_RINGFD_REG_MAX)) return -EINVAL
  const file = ringFile(machine, update.data, false)
  if (typeof file === 'number') return file
  const place = isAny
    ? placeRing(machine, file, 0, IO_RINGFD_REG_MAX)
    : placeRing(machine, file, update.offset, update.offset + 1)
  if (place >= 0) update.offset = place
  return place < 0 ? place : 0
}

const each = (updates: unknown, count: number, run: (update: RingUpdate) => number): number => {
  if (count === 0 || count > IO_RINGFD_REG_MAX) return -EINVAL
  if (!Array.isArray(updates)) return -EFAULT
  for (let done = 0; done < count; done++) {
    const update = updates[done] as RingUpdate | null | undefined
    const rc = typeof update !== 'object' || update === null ? -EFAULT : run(update)
    if (rc !== 0) return done > 0 ? done : rc
  }
  return count
}

/** How many were registered, or the error of the first. */
export const registerRings = (machine: Machine, _ring: Ring, updates: unknown, count: number): number =>
  each(updates, count, (update) => registerOne(machine, update))

export const unregisterRings = (machine: Machine, _ring: Ring, updates: unknown, count: number): number =>
  each(updates, count, ({ offset }) => {
    const { registered } = uringTable(machine).of(machine.current.task)
    if (offset < 0 || offset >= IO_RINGFD_REG_MAX) return -EINVAL
    const file = registered[offset] ?? null
    registered[offset] = null
    if (file !== null) machine.vfs.fput(file)
    return 0
  })
