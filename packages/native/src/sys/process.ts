/** Processes of the host: prctl, resource limits, groups, descriptors of processes. Results are numbers, or -errno. */
import type { System } from './system.ts'

export const prctl = (
  system: System, option: number, a: number | bigint = 0, b: number | bigint = 0, c: number | bigint = 0,
  d: number | bigint = 0,
): number => system.call('prctl', option, a, b, c, d)

/** `struct rlimit64`: soft and hard. Infinity stands for RLIM_INFINITY. */
export const packLimit = (soft: number, hard: number): Uint8Array => {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  const word = (value: number): bigint => (value === Infinity ? NO_LIMIT : BigInt(Math.floor(value)))
  view.setBigUint64(0, word(soft), true)
  view.setBigUint64(8, word(hard), true)
  return bytes
}
const NO_LIMIT = 0xffff_ffff_ffff_ffffn

/** The soft and hard limit of a process (0: this one), or -errno. */
export const limitOf = (system: System, pid: number, resource: number): readonly [number, number] | number => {
  const bytes = new Uint8Array(16)
  const rc = system.call('prlimit64', pid, resource, null, bytes)
  if (rc < 0) return rc
  const view = new DataView(bytes.buffer)
  const word = (at: number): number => {
    const value = view.getBigUint64(at, true)
    return value === NO_LIMIT ? Infinity : Number(value)
  }
  return [word(0), word(8)]
}

/** A negative `pid` is a process group. */
export const kill = (system: System, pid: number, signal: number): number => system.call('kill', pid, signal)

export const pidfdOpen = (system: System, pid: number): number => system.call('pidfd_open', pid, 0)

/** A copy of a descriptor of another process, close-on-exec. Needs the right to trace it. */
export const pidfdGetfd = (system: System, pidfd: number, fd: number): number =>
  system.call('pidfd_getfd', pidfd, fd, 0)
