/** Words of the language that stand for numbers: capabilities, signals, limits, units, errors. */
import {
  capByName, capTable, errnoByName, RLIMIT_AS, RLIMIT_CORE, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_LOCKS,
  RLIMIT_MEMLOCK,
  RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_NOFILE, RLIMIT_NPROC, RLIMIT_RSS, RLIMIT_RTPRIO, RLIMIT_RTTIME,
  RLIMIT_SIGPENDING,
  RLIMIT_STACK,
} from '@lsmkit/abi'

/** `chown` to 0; undefined for an unknown name. */
export const capabilityNumber = (name: string): number | undefined =>
  name === name.toLowerCase() ? capByName(`CAP_${name}`) : undefined

export const capabilityNames = (): string[] => capTable.entries().map(([name]) => name.slice(4).toLowerCase())

/** Signals in AppArmor's own order, from 1; `lost` and `unused` have no name in rules. */
const SIGNALS = [
  'hup', 'int', 'quit', 'ill', 'trap', 'abrt', 'bus', 'fpe', 'kill', 'usr1', 'segv', 'usr2', 'pipe', 'alrm', 'term',
  'stkflt',
  'chld', 'cont', 'stop', 'stp', 'ttin', 'ttou', 'urg', 'xcpu', 'xfsz', 'vtalrm', 'prof', 'winch', 'io', 'pwr', 'sys',
  'emt',
]
const EXISTS = 35
const FIRST_REALTIME = 128
const MOST_REALTIME = 32

export const signalNames: readonly string[] = [...SIGNALS, 'exists']

export const signalNumber = (name: string): number | null => {
  if (name.startsWith('rtmin+')) {
    const number = /^[0-9]+/u.exec(name.slice(6))
    const value = number === null ? 0 : Number(number[0])
    return value > MOST_REALTIME ? null : FIRST_REALTIME + value
  }
  if (name === 'exists') return EXISTS
  const index = SIGNALS.indexOf(name)
  return index < 0 ? null : index + 1
}

/** An errno by its name, in any case. */
export const errorNumber = (name: string): number | null => errnoByName(name.toUpperCase()) ?? null

export type LimitKind = 'seconds' | 'microseconds' | 'number' | 'nice' | 'bytes'

export const LIMITS: Readonly<Record<string, readonly [number: number, kind: LimitKind]>> = {
  cpu: [RLIMIT_CPU, 'seconds'], fsize: [RLIMIT_FSIZE, 'bytes'], data: [RLIMIT_DATA, 'bytes'],
  stack: [RLIMIT_STACK, 'bytes'],
  core: [RLIMIT_CORE, 'bytes'], rss: [RLIMIT_RSS, 'bytes'], nofile: [RLIMIT_NOFILE, 'number'],
  ofile: [RLIMIT_NOFILE, 'number'],
  as: [RLIMIT_AS, 'bytes'], nproc: [RLIMIT_NPROC, 'number'], memlock: [RLIMIT_MEMLOCK, 'bytes'],
  locks: [RLIMIT_LOCKS, 'number'],
  sigpending: [RLIMIT_SIGPENDING, 'number'], msgqueue: [RLIMIT_MSGQUEUE, 'bytes'], nice: [RLIMIT_NICE, 'nice'],
  rtprio: [RLIMIT_RTPRIO, 'number'], rttime: [RLIMIT_RTTIME, 'microseconds'],
}

/** Units of time in microseconds. */
export const TIME_UNITS: Readonly<Record<string, bigint>> = {
  us: 1n, microsecond: 1n, microseconds: 1n, ms: 1000n, millisecond: 1000n, milliseconds: 1000n,
  s: 1_000_000n, sec: 1_000_000n, second: 1_000_000n, seconds: 1_000_000n, min: 60_000_000n, minute: 60_000_000n,
  minutes: 60_000_000n, h: 3_600_000_000n, hour: 3_600_000_000n, hours: 3_600_000_000n, d: 86_400_000_000n,
  day: 86_400_000_000n, days: 86_400_000_000n, week: 604_800_000_000n, weeks: 604_800_000_000n,
}

/** Units of size, each also by its first letters. */
export const SIZE_UNITS: Readonly<Record<string, bigint>> = {
  K: 1024n, KB: 1024n, M: 1024n * 1024n, MB: 1024n * 1024n, G: 1024n ** 3n, GB: 1024n ** 3n,
}
