/** Letters of signatures for what calls on processes point to: texts, limits, signals, capabilities, vectors. */
import type { CMachine } from './machine.ts'

/** How one letter reads memory, and writes it back. `next` is the argument behind it. */
export interface Kind {
  readonly take: (m: CMachine, at: number, next: number) => unknown
  readonly give?: (m: CMachine, at: number, value: never) => void
}

const u32 = (m: CMachine, at: number): number => m.view.getUint32(at, true)
const i32 = (m: CMachine, at: number): number => m.view.getInt32(at, true)
const u64 = (m: CMachine, at: number): number => Number(m.view.getBigUint64(at, true))
const setU64 = (m: CMachine, at: number, value: number): void => m.view.setBigUint64(at, BigInt(value), true)

const INFINITE = 0xffff_ffff_ffff_ffffn
const limit = (m: CMachine, at: number): number => {
  const value = m.view.getBigUint64(at, true)
  return value === INFINITE ? Infinity : Number(value)
}
const setLimit = (m: CMachine, at: number, value: number): void =>
  m.view.setBigUint64(at, value === Infinity ? INFINITE : BigInt(value), true)

/** Pieces of memory: `struct iovec` of base and length, `count` of them. */
const vector = <T>(m: CMachine, at: number, count: number, piece: (base: number, len: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => piece(u64(m, at + 16 * i), u64(m, at + 16 * i + 8)))

/** Seconds and microseconds, twice. */
const timeval = (m: CMachine, at: number) => ({ tv_sec: u64(m, at), tv_usec: u64(m, at + 8) })

const ATTRIBUTE = [
  ['size', 0, 4], ['sched_policy', 4, 4], ['sched_flags', 8, 8], ['sched_nice', 16, 4], ['sched_priority', 20, 4],
  ['sched_runtime', 24, 8], ['sched_deadline', 32, 8], ['sched_period', 40, 8],
] as const

export const PROCESS_KINDS: Readonly<Record<string, Kind>> = {
  /** Texts up to a null pointer. */
  X: {
    take: (m, at) => {
      if (at === 0) return null
      const texts: string[] = []
      for (let from = at; u64(m, from) !== 0; from += 8) texts.push(m.text(u64(m, from))!)
      return texts
    },
  },
  /** `struct clone_args`. */
  c: {
    take: (m, at) =>
      at === 0 ? null : {
        flags: u64(m, at), exit_signal: u64(m, at + 32), stack: u64(m, at + 40), stack_size: u64(m, at + 48),
        pidfd: { value: 0 }, child_tid: { value: 0 }, parent_tid: { value: 0 },
      },
  },
  I: {
    take: (m, at) =>
      at === 0 ? null : {
        si_signo: i32(m, at), si_errno: i32(m, at + 4), si_code: i32(m, at + 8), si_pid: i32(m, at + 16),
        si_uid: u32(m, at + 20),
      },
  },
  L: { take: (m, at, count) => vector(m, at, count, (base, len) => m.slice(base, len)) },
  /** Memory of another task. */
  V: { take: (m, at, count) => vector(m, at, count, (iov_base, iov_len) => ({ iov_base, iov_len })) },
  l: {
    take: (m, at) => (at === 0 ? null : { rlim_cur: limit(m, at), rlim_max: limit(m, at + 8) }),
    give(m, at, { rlim_cur, rlim_max }: { rlim_cur: number; rlim_max: number }) {
      setLimit(m, at, rlim_cur)
      setLimit(m, at + 8, rlim_max)
    },
  },
  P: {
    take: (m, at) => (at === 0 ? null : { sched_priority: i32(m, at) }),
    give: (m, at, { sched_priority }: { sched_priority: number }) => m.view.setInt32(at, sched_priority, true),
  },
  A: {
    take: (m, at) =>
      at === 0 ? null : Object.fromEntries(ATTRIBUTE.map(([name, offset, size]) =>
        [name, name === 'sched_nice' ? i32(m, at + offset) : size === 4 ? u32(m, at + offset) : u64(m, at + offset)])),
    give(m, at, attr: Readonly<Record<string, number>>) {
      for (const [name, offset, size] of ATTRIBUTE) {
        if (size === 4) m.view.setInt32(at + offset, attr[name] ?? 0, true)
        else setU64(m, at + offset, attr[name] ?? 0)
      }
    },
  },
  /** `cap_user_header_t`; the kernel puts its version there. */
  H: {
    take: (m, at) => (at === 0 ? null : { version: u32(m, at), pid: i32(m, at + 4) }),
    give: (m, at, { version }: { version: number }) => m.view.setUint32(at, version, true),
  },
  /** `cap_user_data_t`, written in place. */
  D: { take: (m, at) => (at === 0 ? null : m.slice(at, 24)) },
  J: { take: (m, at) => (at === 0 ? null : { it_interval: timeval(m, at), it_value: timeval(m, at + 16) }) },
  /** Pointers to `struct iocb`; the next argument's number came before. */
  K: {
    take: (m, at) => {
      if (at === 0) return null
      const cb = u64(m, at)
      return [cb === 0 ? null : {
        aio_data: null, aio_lio_opcode: m.view.getUint16(cb + 16, true), aio_fildes: u32(m, cb + 20),
        aio_buf: m.slice(u64(m, cb + 24), u64(m, cb + 32)), aio_offset: u64(m, cb + 40),
      }]
    },
  },
}
