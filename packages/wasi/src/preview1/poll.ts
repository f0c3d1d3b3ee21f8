/** poll_oneoff. */
import {
  wasiErrno, WASI_ERRNO_BADF, WASI_ERRNO_FAULT, WASI_ERRNO_INVAL, WASI_ERRNO_SUCCESS,
  WASI_EVENTRWFLAGS_FD_READWRITE_HANGUP, WASI_EVENTTYPE_CLOCK, WASI_EVENTTYPE_FD_READ, WASI_EVENTTYPE_FD_WRITE,
  WASI_EVENT_SIZE, WASI_RIGHTS_POLL_FD_READWRITE, WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME, WASI_SUBSCRIPTION_SIZE,
} from '@lsmkit/abi'
import { anyOf, bound, pollQueue, vfs_poll } from '@lsmkit/kernel/boot'
import type { Process } from '../process.ts'
import { isHungUp, isReadable, isWritable } from '../readiness.ts'
import { getU64, setU64 } from '../u64.ts'
import { readClock } from './clock.ts'
import type { Answer } from '../waiting/waits.ts'
import type { Handlers } from './table.ts'

/** One subscription, and what has become of it. */
interface Subscription {
  readonly userdata: bigint
  readonly type: number
  readonly fd: number
  /** When a clock goes off, in milliseconds of the host's clock. */
  readonly due: number
  error: number
  ready: boolean
  hangup: boolean
}

/** As many as a program can sensibly wait for: RLIMIT_NOFILE's usual ceiling. */
const MAX_SUBSCRIPTIONS = 4096
const MS = 1e6

const read = (process: Process, at: number): Subscription => {
  const { view } = process.memory
  const type = view.getUint8(at + 8)
  const userdata = view.getBigUint64(at, true)
  const made = { userdata, type, fd: -1, due: Infinity, error: WASI_ERRNO_SUCCESS, ready: false, hangup: false }
  if (type === WASI_EVENTTYPE_CLOCK) {
    const now = readClock(process, view.getUint32(at + 16, true))
    if (now === null) return { ...made, error: WASI_ERRNO_INVAL }
    const timeout = getU64(view, at + 24) / MS
    const absolute = (view.getUint16(at + 40, true) & WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME) !== 0
    return { ...made, due: process.host.now() + (absolute ? timeout - now : timeout) }
  }
  if (type !== WASI_EVENTTYPE_FD_READ && type !== WASI_EVENTTYPE_FD_WRITE) return { ...made, error: WASI_ERRNO_INVAL }
  const fd = view.getInt32(at + 16, true)
  return { ...made, fd, error: process.descriptors.check(fd, WASI_RIGHTS_POLL_FD_READWRITE) }
}

const lookAtFile = (process: Process, one: Subscription): void => {
  const descriptor = process.descriptors.find(one.fd)
  if (descriptor === null) {
    one.error = WASI_ERRNO_BADF
    return
  }
  const bits = vfs_poll(descriptor.file)
  one.ready = one.type === WASI_EVENTTYPE_FD_READ ? isReadable(bits) : isWritable(bits)
  one.hangup = isHungUp(bits)
}

/** Looks once at everything; whether anything has happened. */
const look = (process: Process, subscriptions: readonly Subscription[]): boolean => {
  const now = process.host.now()
  for (const one of subscriptions) {
    if (one.error !== WASI_ERRNO_SUCCESS) continue
    if (one.type === WASI_EVENTTYPE_CLOCK) one.ready = one.due <= now
    else lookAtFile(process, one)
  }
  return subscriptions.some(({ ready, error }) => ready || error !== WASI_ERRNO_SUCCESS)
}

/** 0 when something has happened, else -ERESTARTSYS to sleep on all the files, as poll(2). */
const lookOrSleep = (process: Process, subscriptions: readonly Subscription[]): number =>
  process.machine.as(process.task, () => {
    if (look(process, subscriptions)) return 0
    return process.machine.sleep(anyOf(subscriptions.flatMap(({ fd }) => {
      const descriptor = process.descriptors.find(fd)
      return descriptor === null ? [] : (pollQueue(descriptor.file) ?? [])
    })))
  })

/** Bytes a reader would find at once: of a file what is left of it, of anything else at least one. */
const available = (process: Process, fd: number): number => {
  const descriptor = process.descriptors.find(fd)
  if (descriptor === null) return 0
  const { file, isStream } = descriptor
  return isStream ? 1 : Math.max(0, file.f_inode.i_size - file.f_pos)
}

const writeEvent = (process: Process, at: number, { userdata, type, fd, error, hangup }: Subscription): void => {
  const { view, bytes } = process.memory
  bytes.fill(0, at, at + WASI_EVENT_SIZE)
  view.setBigUint64(at, userdata, true)
  view.setUint16(at + 8, error, true)
  view.setUint8(at + 10, type)
  if (type === WASI_EVENTTYPE_CLOCK || error !== WASI_ERRNO_SUCCESS) return
  setU64(view, at + 16, type === WASI_EVENTTYPE_FD_READ ? available(process, fd) : 1)
  view.setUint16(at + 24, hangup ? WASI_EVENTRWFLAGS_FD_READWRITE_HANGUP : 0, true)
}

const poll = {
  /** Waits by sleeping, or by letting others run or the host come up with something; else `again`. */
  poll_oneoff(process, subscriptions, events, nsubscriptions, nevents) {
    const { memory } = process
    subscriptions >>>= 0
    events >>>= 0
    nsubscriptions >>>= 0
    nevents >>>= 0
    if (nsubscriptions === 0 || nsubscriptions > MAX_SUBSCRIPTIONS) return WASI_ERRNO_INVAL
    if (
      !memory.has(subscriptions, nsubscriptions * WASI_SUBSCRIPTION_SIZE) ||
      !memory.has(events, nsubscriptions * WASI_EVENT_SIZE) ||
      !memory.has(nevents, 4)
    )
      return WASI_ERRNO_FAULT
    const list = Array.from({ length: nsubscriptions }, (_, i) =>
      read(process, subscriptions + i * WASI_SUBSCRIPTION_SIZE))
    const due = Math.min(...list.map((one) => one.due))
    return process.waits(() => lookOrSleep(process, list), (rc) => {
      if (rc < 0) return wasiErrno(rc)
      const happened = list.filter(({ ready, error }) => ready || error !== WASI_ERRNO_SUCCESS)
      happened.forEach((one, i) => writeEvent(process, events + i * WASI_EVENT_SIZE, one))
      memory.view.setUint32(nevents, happened.length, true)
      return WASI_ERRNO_SUCCESS
    }, () => due - process.host.now())
  },
} satisfies Handlers<Process, Answer>

export const pollImports = (process: Process) => bound(process, poll)
