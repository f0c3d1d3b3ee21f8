/** The old calls for asynchronous input and output. Requests are done at once (fs/aio.c). */
import {
  EAGAIN, EBADF, EFAULT, EINTR, EINVAL, ENOMEM, ERESTARTSYS, MAP_SHARED, PAGE_SIZE, PROT_READ, PROT_WRITE,
  VM_DONTEXPAND,
} from '@lsmkit/abi'
import type { File, Mm, Ref } from '@lsmkit/core'
import type { GuestBytes } from '../state/guest-bytes.ts'
import { fileOperations } from '../state/vfs/driver.ts'
import { COST } from '../state/memory-costs.ts'
import type { Machine } from '../machine.ts'
import { spaceOf } from '../state/mm/address-space.ts'
import type { SizedMask } from '../state/task/sigset.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { WaitQueue } from '../state/vfs/wait.ts'
import { msOf } from '../state/timespec.ts'
import type { Timespec } from '../state/timespec.ts'

const IOCB_CMD_PREAD = 0
const IOCB_CMD_PWRITE = 1
const IOCB_CMD_FSYNC = 2
const IOCB_CMD_FDSYNC = 3
const AIO_MAX_NR = 65536
/** Most events of a context, whatever the limit is: the kernel makes room for twice as many. */
const MAX_EVENTS = 0x10000000 / 32 / 2
/** Bytes of `struct aio_ring`, and of an event in it. */
const RING_HEAD = 32
const EVENT_SIZE = 32

/** `struct iocb`. */
export interface Iocb {
  readonly aio_data: unknown
  readonly aio_lio_opcode: number
  readonly aio_fildes: number
  readonly aio_buf: GuestBytes
  readonly aio_offset: number
}
/** `struct io_event`. */
export interface IoEvent {
  data: unknown
  obj: Iocb
  res: number
}

interface Context {
  readonly events: IoEvent[]
  readonly max: number
  readonly size: number
  readonly wait: WaitQueue
}

/** The contexts of each address space, by the address of the ring, which is the number that programs use. */
class AioTable {
  readonly contexts = new WeakMap<Mm, Map<number, Context>>()
}

const aio_ring_fops = fileOperations({
  mmap(_file, vma) {
    vma.vm_flags |= VM_DONTEXPAND
    return 0
  },
})

const own = (machine: Machine): Map<number, Context> => {
  const mm = machine.current.task.mm!
  const known = machine.part(AioTable).contexts.get(mm) ?? new Map<number, Context>()
  machine.part(AioTable).contexts.set(mm, known)
  return known
}

/** As `aio_setup_ring`: maps a private file without asking the LSMs. */
const mapRing = (machine: Machine, size: number): number => {
  const { vfs, mmaps, shmem } = machine
  const file = shmem.ring_file('[aio]', size, aio_ring_fops)
  if (typeof file === 'number') return file
  const at = mmaps.do_mmap(file as File, 0, size, PROT_READ | PROT_WRITE, MAP_SHARED, 0)
  vfs.fput(file as File)
  return at
}

const io_setup = (machine: Machine, nr_events: number, ctxp: Ref<number> | null): number => {
  if (ctxp === null) return -EFAULT
  if (ctxp.value !== 0 || nr_events === 0) return -EINVAL
  if (nr_events >>> 0 > MAX_EVENTS) return -EINVAL
  if (nr_events >>> 0 > AIO_MAX_NR) return -EAGAIN
  const size = Math.ceil((RING_HEAD + EVENT_SIZE * (nr_events + 2)) / PAGE_SIZE) * PAGE_SIZE
  const mm = spaceOf(machine.current.task.mm!)
  const bytes = nr_events * COST.event
  if (!mm.charge(bytes)) return -ENOMEM
  const at = mapRing(machine, size)
  if (at < 0) {
    mm.uncharge(bytes)
    return at
  }
  own(machine).set(at, { events: [], max: nr_events, size, wait: new WaitQueue() })
  ctxp.value = at
  return 0
}

const io_destroy = (machine: Machine, ctx: number): number => {
  const context = own(machine).get(ctx)
  if (context === undefined) return -EINVAL
  own(machine).delete(ctx)
  spaceOf(machine.current.task.mm!).uncharge(context.max * COST.event)
  machine.mmaps.unmapRange(spaceOf(machine.current.task.mm!), ctx, ctx + context.size)
  context.wait.wake()
  return 0
}

const perform = (machine: Machine, { aio_lio_opcode, aio_fildes, aio_buf, aio_offset }: Iocb): number => {
  const file = fget(machine.current.task, aio_fildes)
  if (file === null) return -EBADF
  switch (aio_lio_opcode) {
    case IOCB_CMD_PREAD:
      return machine.vfs.vfs_read(file, aio_buf, 0, aio_buf.length, aio_offset)
    case IOCB_CMD_PWRITE:
      return machine.vfs.vfs_write(file, aio_buf, 0, aio_buf.length, aio_offset)
    case IOCB_CMD_FSYNC:
    case IOCB_CMD_FDSYNC:
      return 0
    default:
      return -EINVAL
  }
}

/** How many requests were taken, or the error of the first one when none was. */
const io_submit = (machine: Machine, ctx: number, nr: number, iocbs: readonly (Iocb | null)[] | null): number => {
  if (nr < 0) return -EINVAL
  const context = own(machine).get(ctx)
  if (context === undefined) return -EINVAL
  let taken = 0
  for (; taken < nr; taken++) {
    const iocb = iocbs?.[taken] ?? null
    const rc = iocb === null ? -EFAULT : context.events.length >= context.max ? -EAGAIN : perform(machine, iocb)
    const refused = iocb === null || rc === -EBADF || rc === -EINVAL || rc === -EAGAIN
    if (refused) return taken === 0 ? rc : taken
    // a request on a pipe that would sleep fails
    context.events.push({ data: iocb.aio_data, obj: iocb, res: rc === -ERESTARTSYS ? -EAGAIN : rc })
  }
  if (taken > 0) context.wait.wake()
  return taken
}

/** As `do_io_getevents`: gives at most `nr` events, once there are `min_nr`, the time is over or a signal comes. */
const read_events = (
  machine: Machine, call: string, ctx: number, min_nr: number, nr: number, events: IoEvent[] | null,
  timeout: Timespec | null,
): number => {
  const context = own(machine).get(ctx)
  if (context === undefined || min_nr < 0 || min_nr > nr) return -EINVAL
  const isInterrupted = machine.signals.signal_pending(machine.current.task)
  if (context.events.length < min_nr && !isInterrupted) {
    // an invalid time is not refused
    const ms = timeout === null ? Infinity : msOf(timeout)
    const rc = machine.deadlines.sleep(call, context.wait, ms, 0)
    if (rc !== 0) return rc
  }
  machine.deadlines.forget()
  const count = Math.min(context.events.length, nr)
  if (count === 0) return isInterrupted ? -EINTR : 0
  if (events === null) return -EFAULT
  context.events.splice(0, count).forEach((event, i) => (events[i] = event))
  return count
}

const io_getevents = (
  machine: Machine, ctx: number, min_nr: number, nr: number, events: IoEvent[] | null, timeout: Timespec | null,
): number => read_events(machine, 'io_getevents', ctx, min_nr, nr, events, timeout)

const io_pgetevents = (
  machine: Machine, ctx: number, min_nr: number, nr: number, events: IoEvent[] | null, timeout: Timespec | null,
  sig: SizedMask | null,
): number =>
  machine.signals.withUserMask(sig?.mask ?? null, sig?.size ?? 0, () =>
    read_events(machine, 'io_pgetevents', ctx, min_nr, nr, events, timeout))

const io_cancel = (_machine: Machine): number => -EINVAL

export const aioSyscalls = { io_setup, io_destroy, io_submit, io_getevents, io_pgetevents, io_cancel }
