/**
 * tracefs: the front of the tracer (fs/tracefs, kernel/trace/trace.c). There is no tracer but `nop`, which records what
 * programs themselves write to trace_marker. Every open asks whether the kernel is locked down.
 */
import { EINVAL, FMODE_WRITE, LOCKDOWN_TRACEFS, O_TRUNC, TRACEFS_MAGIC } from '@lsmkit/abi'
import type { KeyMap } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { FileSystem } from '../../state/vfs/driver.ts'
import type { PseudoEngine } from '../pseudo/engine.ts'
import { fixedDir } from '../pseudo/nodes.ts'
import type { PseudoText, TextIo } from '../pseudo/nodes.ts'
import { TRACEPOINTS } from '../../perf/tracepoints.ts'
import { rootOptions } from './root-options.ts'
import { pseudoType } from '../pseudo/type.ts'

const READ = 0o440
const WRITE = 0o640
const CLOCKS = ['local', 'global', 'counter', 'uptime', 'perf', 'mono', 'mono_raw', 'boot', 'tai', 'x86-tsc']
/** Entries kept (the kernel counts in kilobytes by processor). */
const CAPACITY = 10_000
const LONGEST_MARK = 4096

const decoder = new TextDecoder()
const wordOf = (data: Uint8Array): string => decoder.decode(data).trim()

export const tracefs = (lsm: KeyMap, machine: Machine, engine: PseudoEngine): FileSystem => {
  const entries: string[] = []
  let written = 0
  let isOn = true
  let clock = 'local'

  const file = (mode: number, own: Omit<PseudoText, 'kind' | 'mode' | 'open'>, open?: PseudoText['open']): PseudoText =>
    ({
      kind: 'text', mode, ...own,
      open: (io: TextIo) => lsm.locked_down.ask(LOCKDOWN_TRACEFS) || (open?.(io) ?? 0),
    })

  /** As `print_trace_line` of a mark. */
  const mark = (text: string): void => {
    if (!isOn) return
    const { comm, pid } = machine.current.task
    const at = (machine.monotonic() / 1000).toFixed(6)
    entries.push(`${`${comm}-${pid}`.padStart(23)} [000] ..... ${at.padStart(12)}: tracing_mark_write: ${text}\n`)
    written++
    if (entries.length > CAPACITY) entries.shift()
  }

  const traceText = (): string =>
    `# tracer: nop\n#\n# entries-in-buffer/entries-written: ${entries.length}/${written}   #P:1\n#\n` +
    '#                                _-----=> irqs-off/BH-disabled\n' +
    '#                               / _----=> need-resched\n' +
    '#                              | / _---=> hardirq/softirq\n' +
    '#                              || / _--=> preempt-depth\n' +
    '#                              ||| / _-=> migrate-disable\n' +
    '#                              |||| /     delay\n' +
    '#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n' +
    `#              | |         |   |||||     |         |\n${entries.join('')}`

  const clear = (): void => {
    entries.length = written = 0
  }

  const tracepoint = (id: number) => fixedDir({ id: file(READ, { text: () => `${id}\n` }) }, 0o750)
  const sched = TRACEPOINTS.filter(({ system }) => system === 'sched').map(({ name, id }) => [name, tracepoint(id)])
  const root = fixedDir({
    events: fixedDir({ sched: fixedDir(Object.fromEntries(sched), 0o750) }, 0o750),
    README: file(READ, { text: () => 'tracing mini-HOWTO:\n\n# echo 0 > tracing_on : quick way to disable tracing\n' }),
    available_tracers: file(READ, { text: () => 'nop\n' }),
    current_tracer: file(WRITE, {
      text: () => 'nop\n',
      write: (_io, data) => (wordOf(data) === 'nop' ? data.length : -EINVAL),
    }),
    trace: file(WRITE, { text: traceText, write: (_io, data) => data.length }, ({ file: { f_flags, f_mode } }) => {
      if ((f_mode & FMODE_WRITE) !== 0 && (f_flags & O_TRUNC) !== 0) clear()
      return 0
    }),
    trace_clock: file(WRITE, {
      text: () => `${CLOCKS.map((name) => (name === clock ? `[${name}]` : name)).join(' ')}\n`,
      write(_io, data) {
        const name = wordOf(data)
        if (!CLOCKS.includes(name)) return -EINVAL
        if (name !== clock) clear()
        clock = name
        return data.length
      },
    }),
    trace_marker: file(0o220, {
      write(_io, data) {
        mark(decoder.decode(data.subarray(0, LONGEST_MARK)).replace(/\n$/, ''))
        return data.length
      },
    }),
    tracing_on: file(WRITE, {
      text: () => (isOn ? '1\n' : '0\n'),
      write(_io, data) {
        const word = wordOf(data)
        if (!/^\d+$/.test(word)) return -EINVAL
        isOn = Number(word) !== 0
        return data.length
      },
    }),
  }, 0o700)
  const shape = { magic: TRACEFS_MAGIC, single: true, whole: true, root: () => root }
  return pseudoType(engine, { name: 'tracefs', ...shape, ...rootOptions(false) })
}
