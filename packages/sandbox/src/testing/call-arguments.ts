/** Arguments for any system call, as its shape says: those of a small world, and some that nobody expects. */
import { AT_FDCWD, O_PATH, SIGKILL } from '@lsmkit/abi'
import { Kstat, Kstatfs } from '@lsmkit/kernel'

/** Numbers that repeat from run to run. */
export const generator = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** What arguments are about. */
export interface World {
  /** Of the call. */
  readonly name: string
  /** As in `CALL_SHAPES`. */
  readonly shape: string
  readonly random: (below: number) => number
  readonly paths: readonly string[]
  /** Texts that are no path. */
  readonly names: readonly string[]
  readonly numbers: readonly number[]
  readonly addresses: readonly Uint8Array[]
  readonly fds: () => readonly number[]
  /** Takes every buffer that a call may write to. */
  readonly buffers: Uint8Array[]
}

/** Makes the arguments of one call; `time` counts from 0. */
export const argumentMaker = ({ name, shape, random, paths, names, numbers, addresses, fds, buffers }: World) => {
  const one = <T>(list: readonly T[]): T => list[random(list.length)]!
  const make = (kind: string, at: number, time: number): unknown => {
    switch (kind) {
      case 'z':
        // each path once, the rest as it comes
        if (time < paths.length && at === shape.indexOf('z')) return paths[time]
        if (at === 1 && name.endsWith('xattr')) return time < paths.length ? 'user.note' : one(names)
        return at === 0 || shape[at - 1] === 'f' || random(2) === 0 ? one(paths) : one([...names, ...paths])
      case 'f': return random(3) === 0 ? one([AT_FDCWD, ...numbers]) : one([...fds(), AT_FDCWD])
      case 'u': {
        const buffer = random(2) === 0 ? one(addresses).slice() : new Uint8Array(256)
        buffers.push(buffer)
        return buffer
      }
      case 'L': return [make('u', 1, time)]
      case 'k': return new Kstat()
      case 'K': return new Kstatfs()
      case 'r': return { value: one([0, 1, 4096]) }
      case 'b': return { value: 0n }
      case 'B': return 0n
      case 'Z': return ['a', 'b']
      case 'w': return one([
        { flags: one(numbers) >>> 0, mode: one([0, 0o666]), resolve: one([0, 8]) },
        { flags: O_PATH, mode: 0, resolve: 0 },
      ])
      case 'l': return [one(numbers), one(numbers)]
      case 'T': return [{ tv_sec: 5, tv_nsec: 5, tv_usec: 5 }, { tv_sec: 6, tv_nsec: 6, tv_usec: 6 }]
      case 'o': return one([
        {}, { attr_set: 0, attr_clr: 1, propagation: 0, userns_fd: 0 }, { actime: 5, modtime: 6 },
      ])
      case 'm': return { msg_name: one(addresses), msg_iov: [make('u', 1, time)], msg_control: null, msg_flags: 0 }
      case 'g': return { mtype: 1, mtext: new Uint8Array(4) }
      case 'H': return { handle_bytes: 128, handle_type: 0, f_handle: new Uint8Array(128) }
      case 'R': return random(2) === 0 ? null : { rlim_cur: 5, rlim_max: 5 }
      case 'c': return { flags: one(numbers) >>> 0, exit_signal: 17, stack: 0, stack_size: 0, set_tid: [] }
      case 'h': return { version: 0x20080522, pid: one(numbers) }
      case 'I': return { uid: 1000, gid: 1000, mode: 0o777, msg_qbytes: 1 }
      case 'S': return { sched_priority: 0 }
      case 'A': return { size: 48, sched_policy: 3, sched_flags: 0, sched_nice: 5, sched_priority: 0 }
      case 's': return { si_signo: SIGKILL, si_errno: 0, si_code: -1, si_pid: 0, si_uid: 1000 }
      case 'V': return [{ iov_base: 0, iov_len: 16 }]
      case 'O': return [{ sem_num: 0, sem_op: 1, sem_flg: 0 }]
      case 'y': return one<unknown>([...numbers, 'user', 'keyring'])
      default: return random(4) === 0 ? null : one(numbers)
    }
  }
  return (time: number): unknown[] => [...shape].map((kind, at) => make(kind, at, time))
}
