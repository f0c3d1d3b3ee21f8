/** Runs one process of a fuzzer, and ends it when it stands still or takes too much memory. */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readBeat } from './progress-file.ts'
import type { Place } from './progress-file.ts'
import type { ChildOptions } from './child.ts'
import type { ChildMessage } from './child-session.ts'
import type { Kind } from './fuzzer.ts'

export interface Limits {
  /** Seconds of processor time that one input or step may take. */
  readonly hang: number
  /** Megabytes of heap. */
  readonly heap: number
}

/** How a process ended before its time. */
export interface Death {
  readonly kind: Kind
  readonly detail: string
}

export interface Watched extends Place {
  readonly told: readonly ChildMessage[]
  /** Null when it ran to its end. */
  readonly death: Death | null
}

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))
/** Milliseconds between two looks. */
const LOOK = 100
/** Seconds that loading may take. */
const LOADING = 120
/** Resident megabytes beside the heap: the runtime itself, code, what collecting has not given back. */
const BESIDE = 512
const PAGE = 4096
/** Of a second. */
const TICKS = 100
/** Who waits takes no processor time: so many times the limit by the clock is a hang as well. */
const WAITING = 10
const TAIL = 4000

/** Resident megabytes; 0 where the system does not tell in a file, and the limit of the heap stands alone. */
const resident = (pid: number): number => {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE / 0x10_0000
  } catch {
    return 0
  }
}

/** Seconds of processor time, which other work on the machine does not lengthen; the clock's where none is told. */
const processorTime = (pid: number): number => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS
  } catch {
    return performance.now() / 1000
  }
}

const toldIn = (path: string): ChildMessage[] => {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as ChildMessage)
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return []
    throw error
  }
}

const deathOf = (code: number | null, signal: string | null, stderr: string): Death | null => {
  if (code === 0) return null
  if (stderr.includes('heap out of memory')) return { kind: 'memory', detail: 'the heap is over its limit' }
  return { kind: 'crash', detail: `ended with ${signal ?? code}\n${stderr.trim()}` }
}

/** Why the process has to be ended now. */
class Watchdog {
  #beat: Place | null = null
  #since = performance.now()
  #worked = 0
  readonly #path: string
  readonly #limits: Limits

  constructor(path: string, limits: Limits) {
    this.#path = path
    this.#limits = limits
  }

  look(pid: number): Death | null {
    const now = performance.now()
    const beat = readBeat(this.#path)
    if (beat?.inputs !== this.#beat?.inputs || beat?.steps !== this.#beat?.steps) {
      this.#beat = beat
      this.#since = now
      this.#worked = processorTime(pid)
    }
    const allowed = beat === null ? LOADING : this.#limits.hang
    const isOver = now - this.#since > allowed * 1000 * WAITING || processorTime(pid) - this.#worked > allowed
    if (isOver) return { kind: 'hang', detail: `over ${allowed} s on one input` }
    const megabytes = resident(pid)
    if (megabytes <= this.#limits.heap + BESIDE) return null
    return { kind: 'memory', detail: `${Math.round(megabytes)} MB are resident` }
  }
}

/**
 * `look` is called now and then with the place of the process; its answer is whether to go on. One that is stopped has
 * not died, and the input it was at does not count.
 */
export const watch = (
  options: ChildOptions, limits: Limits, look: (place: Place) => boolean = () => true,
): Promise<Watched> => {
  for (const path of [options.beat, options.findings]) rmSync(path, { force: true })
  const flags = ['--conditions=lsmkit:source', '--disable-warning=ExperimentalWarning',
    `--max-old-space-size=${limits.heap}`]
  const child = spawn(process.execPath, [...flags, CHILD, JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // what a terminal sends is for the parent, which says what has been done
    detached: true,
  })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-TAIL)))
  const watchdog = new Watchdog(options.beat, limits)
  const placeNow = (): Place => readBeat(options.beat) ?? { inputs: 0, steps: 0 }
  let death: Death | null = null
  let stopped = false
  const timer = setInterval(() => {
    death ??= watchdog.look(child.pid!)
    stopped ||= !look(placeNow())
    if (death === null && !stopped) return
    clearInterval(timer)
    kill()
  }, LOOK)
  // of one that has ended nothing can be read
  child.once('exit', () => clearInterval(timer))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearInterval(timer)
      process.off('exit', kill)
      const { inputs, steps } = placeNow()
      const told = toldIn(options.findings)
      if (stopped && death === null) return resolve({ inputs: Math.max(inputs - 1, 0), steps, told, death: null })
      resolve({ inputs, steps, told, death: death ?? deathOf(code, signal, stderr) })
    })
  })
}
