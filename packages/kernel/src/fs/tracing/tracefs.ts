/**
 * tracefs: the files of the tracer (fs/tracefs, kernel/trace/trace.c). The only tracer is `nop`, which records what
 * programs write to trace_marker. Every open asks whether the kernel is locked down.
 */
import { EINVAL, FMODE_WRITE, LOCKDOWN_TRACEFS, O_TRUNC, TRACEFS_MAGIC } from '@lsmkit/abi'
import type { Machine } from '../../machine.ts'
import { TRACEPOINTS } from '../../perf/tracepoints.ts'
import type { FileSystem } from '../../state/vfs/driver.ts'
import type { PseudoEngine } from '../pseudo/engine.ts'
import { fixedDir } from '../pseudo/nodes.ts'
import type { PseudoDir, PseudoNode, PseudoText, TextIo } from '../pseudo/nodes.ts'
import { pseudoType } from '../pseudo/type.ts'
import { rootOptions } from './root-options.ts'
import { CLOCKS, TraceBuffer } from './trace.ts'

const READ = 0o440
const WRITE = 0o640
const LONGEST_MARK = 4096
const HOWTO = 'tracing mini-HOWTO:\n\n# echo 0 > tracing_on : quick way to disable tracing\n'

const decoder = new TextDecoder()
const wordOf = (data: Uint8Array): string => decoder.decode(data).trim()

/** A file before lockdown is asked. */
interface TraceFile extends Pick<PseudoText, 'text' | 'open'> {
  readonly mode?: number
  /** Takes a whole write: 0 or -errno. */
  readonly write?: (data: Uint8Array) => number
}

const fileOf = (machine: Machine, { mode = READ, open, text, write }: TraceFile): PseudoText => ({
  kind: 'text',
  mode,
  open: (io: TextIo) => machine.lsm.locked_down.ask(LOCKDOWN_TRACEFS) || (open?.(io) ?? 0),
  ...(text === undefined ? {} : { text }),
  ...(write === undefined ? {} : { write: (_io, data) => write(data) || data.length }),
})

const setClock = (trace: TraceBuffer, data: Uint8Array): number => {
  const name = wordOf(data)
  if (!CLOCKS.includes(name)) return -EINVAL
  trace.setClock(name)
  return 0
}

const setOn = (trace: TraceBuffer, data: Uint8Array): number => {
  const word = wordOf(data)
  if (!/^\d+$/.test(word)) return -EINVAL
  trace.isOn = Number(word) !== 0
  return 0
}

/** Opening the buffer for writing empties it. */
const openTrace = (trace: TraceBuffer, { file: { f_flags, f_mode } }: TextIo): number => {
  if ((f_mode & FMODE_WRITE) !== 0 && (f_flags & O_TRUNC) !== 0) trace.clear()
  return 0
}

const filesOf = (machine: Machine, trace: TraceBuffer): Readonly<Record<string, TraceFile>> => ({
  README: { text: () => HOWTO },
  available_tracers: { text: () => 'nop\n' },
  current_tracer: { mode: WRITE, text: () => 'nop\n', write: (data) => (wordOf(data) === 'nop' ? 0 : -EINVAL) },
  trace: { mode: WRITE, text: () => trace.text, write: () => 0, open: (io) => openTrace(trace, io) },
  trace_clock: {
    mode: WRITE,
    text: () => `${CLOCKS.map((name) => (name === trace.clock ? `[${name}]` : name)).join(' ')}\n`,
    write: (data) => setClock(trace, data),
  },
  trace_marker: {
    mode: 0o220,
    write(data) {
      trace.mark(machine, decoder.decode(data.subarray(0, LONGEST_MARK)).replace(/\n$/, ''))
      return 0
    },
  },
  tracing_on: { mode: WRITE, text: () => (trace.isOn ? '1\n' : '0\n'), write: (data) => setOn(trace, data) },
})

const eventsOf = (machine: Machine): PseudoDir => {
  const events = TRACEPOINTS.filter(({ system }) => system === 'sched').map(({ name, id }) =>
    [name, fixedDir({ id: fileOf(machine, { text: () => `${id}\n` }) }, 0o750)] as const)
  return fixedDir({ sched: fixedDir(Object.fromEntries(events), 0o750) }, 0o750)
}

export const tracefs = (machine: Machine, engine: PseudoEngine): FileSystem => {
  const files = Object.entries(filesOf(machine, new TraceBuffer()))
    .map(([name, file]): [string, PseudoNode] => [name, fileOf(machine, file)])
  const root = fixedDir({ events: eventsOf(machine), ...Object.fromEntries(files) }, 0o700)
  const shape = { magic: TRACEFS_MAGIC, single: true, whole: true, root: () => root }
  return pseudoType(engine, { name: 'tracefs', ...shape, ...rootOptions(false) })
}
