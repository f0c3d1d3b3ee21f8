/**
 * Time namespaces: offsets of the clocks that run since boot (kernel/time/namespace.c). They can be set until a task is
 * in the namespace.
 */
import {
  CAP_SYS_TIME, CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM, CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC_RAW,
  EACCES, EINVAL, EPERM, ERANGE, PAGE_SIZE,
} from '@lsmkit/abi'
import { file_ns_capable } from '@lsmkit/core'
import type { File, AnyKeyMap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import type { ClockOffset, PlainNamespace, TimeOffsets } from '../state/task/namespaces.ts'
import { threadOf } from '../state/task/thread.ts'

type ClockName = 'monotonic' | 'boottime'

const ZERO: ClockOffset = { sec: 0, nsec: 0 }
export const noOffsets = (): TimeOffsets => ({ monotonic: ZERO, boottime: ZERO, frozen: true })

/** Those of a new namespace begin as those of its maker's, and can be changed. */
export const copyOffsets = ({ offsets }: PlainNamespace): TimeOffsets =>
  ({ ...(offsets ?? noOffsets()), frozen: false })

/** As `timens_commit`: a task is in the namespace now, so its offsets are final. */
export const freezeOffsets = ({ offsets }: PlainNamespace): void => {
  if (offsets !== null) offsets.frozen = true
}

const SHIFTED: Readonly<Record<number, ClockName>> = {
  [CLOCK_MONOTONIC]: 'monotonic', [CLOCK_MONOTONIC_RAW]: 'monotonic', [CLOCK_MONOTONIC_COARSE]: 'monotonic',
  [CLOCK_BOOTTIME]: 'boottime', [CLOCK_BOOTTIME_ALARM]: 'boottime',
}

/** Milliseconds that the caller's namespace adds to a clock, also in times that the caller passes. */
export const clockShift = ({ current }: Machine, clock: number): number => {
  const { offsets } = threadOf(current.task).nsproxy.time_ns
  const name = SHIFTED[clock]
  return offsets === null || name === undefined ? 0 : offsets[name].sec * 1000 + offsets[name].nsec / 1e6
}

const KTIME_SEC_MAX = 9_223_372_036
const CLOCKS: Readonly<Record<string, ClockName>> = {
  monotonic: 'monotonic', [CLOCK_MONOTONIC]: 'monotonic', boottime: 'boottime', [CLOCK_BOOTTIME]: 'boottime',
}

interface Wanted extends ClockOffset {
  readonly clock: ClockName
}

/** One or two lines of `clock seconds nanoseconds`, and how many characters they take. */
const parse = (text: string): { readonly wanted: readonly Wanted[]; readonly length: number } | null => {
  const wanted: Wanted[] = []
  let at = 0
  while (wanted.length < 2 && (at < text.length || wanted.length === 0)) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end < 0 ? text.length : end)
    const match = /^\s*(\S{1,9})\s+([+-]?\d{1,15})\s+(\d{1,15})/.exec(line)
    const clock = match === null || !Object.hasOwn(CLOCKS, match[1]!) ? null : CLOCKS[match[1]!]!
    if (match === null || clock === null || Number(match[3]) >= 1e9) return null
    wanted.push({ clock, sec: Number(match[2]), nsec: Number(match[3]) })
    at = end < 0 ? text.length : end + 1
  }
  return { wanted, length: at }
}

export const timensOffsetsText = ({ offsets }: PlainNamespace): string => {
  const { monotonic, boottime } = offsets ?? noOffsets()
  const line = (name: string, { sec, nsec }: ClockOffset): string =>
    `${name.padEnd(10)} ${String(sec).padStart(10)} ${String(nsec).padStart(9)}\n`
  return line('monotonic', monotonic) + line('boottime', boottime)
}

/** As `proc_timens_set_offset`: characters taken, or -errno with nothing changed. */
export const writeTimensOffsets = (
  lsm: AnyKeyMap, machine: Machine, ns: PlainNamespace, file: File, text: string, pos: number,
): number => {
  if (pos !== 0 || text.length >= PAGE_SIZE) return -EINVAL
  const parsed = parse(text)
  if (parsed === null) return -EINVAL
  if (!file_ns_capable(lsm, file, ns.user_ns, CAP_SYS_TIME)) return -EPERM
  for (const { sec, nsec } of parsed.wanted) {
    const then = machine.monotonic() / 1000 + sec + nsec / 1e9
    if (Math.abs(sec) > KTIME_SEC_MAX || then < 0 || then > KTIME_SEC_MAX / 2) return -ERANGE
  }
  const { offsets } = ns
  if (offsets === null || offsets.frozen) return -EACCES
  for (const { clock, sec, nsec } of parsed.wanted) offsets[clock] = { sec, nsec }
  return parsed.length
}
