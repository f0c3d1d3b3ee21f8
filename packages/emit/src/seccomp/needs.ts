/** The calls of a recorded run: of `strace`, of audit records of seccomp, or of a trace of `lsm run --strace`. */
import { syscallByName, syscallName } from '@lsmkit/abi/syscall-name'

export interface NeededCall {
  readonly name: string
  readonly count: number
  /** Lines of the log, the first ones. */
  readonly lines: readonly number[]
}

const MOST_LINES = 3
const X86_64 = 'c000003e'

/** `openat(…`, also behind a process id, a time, `[pid 7]` or `program[7]:`. */
const STRACE = /^(?:\[pid\s+\d+\]\s+|\d+\s+|[\w./-]+\[\d+\]:?\s+)?(?:\d+(?:[:.]\d+)*\s+)?(?:<\.\.\. )?([a-z_]\w*)(?:\(| resumed>)/

const auditCall = (line: string): string | null => {
  if (!/\btype=(?:SECCOMP|1326)\b/.test(line)) return null
  const number = /\bsyscall=(\d+)\b/.exec(line)?.[1]
  const arch = /\barch=([0-9a-f]+)\b/.exec(line)?.[1] ?? X86_64
  return number === undefined || arch !== X86_64 ? null : syscallName(Number(number))
}

const callOf = (line: string): string | null => {
  const audited = auditCall(line)
  if (audited !== null) return audited
  const name = STRACE.exec(line)?.[1]
  return name !== undefined && syscallByName(name) !== undefined && !/ <unfinished/.test(name) ? name : null
}

/** Calls in the order in which they come first. Other lines are passed over. */
export const callsIn = (lines: Iterable<string>): NeededCall[] => {
  const found = new Map<string, { count: number; lines: number[] }>()
  let at = 0
  for (const line of lines) {
    at++
    const name = callOf(line)
    if (name === null || / resumed>/.test(line)) continue
    const call = found.get(name) ?? { count: 0, lines: [] }
    call.count++
    if (call.lines.length < MOST_LINES) call.lines.push(at)
    found.set(name, call)
  }
  return [...found].map(([name, call]) => ({ name, ...call }))
}
