/**
 * Random lines under random limits in a box, inline or not, some ended by a signal. Each ends in time and prints no
 * more than it may; the host does not grow; a neighbour is answered meanwhile; nothing of the line is left but files.
 */
import { bash } from '@lsmkit/just-bash'
import { createSandbox, memory } from '@lsmkit/sandbox'
import type { Sandbox, SandboxOptions } from '@lsmkit/sandbox'
import { insideOf } from '@lsmkit/sandbox/inside'
import type { Session } from '../frame/fuzzer.ts'
import { seedFuzzer } from '../frame/input-fuzzer.ts'
import { Random } from '../frame/random.ts'
import { randomLine } from './lines.ts'

const LINES = 4
const MIB = 2 ** 20
/** Milliseconds of processor time, and by the clock, by which a busy machine may pass a limit. */
const LATE = 1500
const LATE_BY_CLOCK = 20_000
/** Milliseconds in which a neighbour has its answer, as a rule. */
const ANSWERED = 50
/** Bytes that the process may grow by while a line runs: heaps of threads are watched, and collected late. */
const GROWTH = 1200 * MIB

/** just-bash's own limits would end loops first. */
const endless = { maxLoopIterations: 1e12, maxCommandCount: 1e12, maxWorkUnits: 1e12, maxCallDepth: 10_000 }

interface Trial {
  readonly line: string
  readonly time: number
  readonly output: number
  readonly abortAfter: number | null
}

interface Outcome {
  readonly cpu: number
  readonly clock: number
  readonly growth: number
  readonly waits: readonly number[]
  readonly printed: number
  readonly status: number
  /** What `sh` rejected with. */
  readonly error: unknown
}

const aborted = new Error('the caller has had enough')

const attempt = async (box: Sandbox, neighbour: Sandbox, { line, abortAfter }: Trial): Promise<Outcome> => {
  const state = { isOver: false }
  const [rss, start, cpu] = [process.memoryUsage.rss(), performance.now(), process.cpuUsage()]
  const waits: number[] = []
  let growth = 0
  const watching = (async () => {
    while (!state.isOver) {
      const asked = performance.now()
      await neighbour.fs.stat('/')
      waits.push(performance.now() - asked)
      growth = Math.max(growth, process.memoryUsage.rss() - rss)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  })()
  const stop = new AbortController()
  const timer = abortAfter === null ? undefined : setTimeout(() => stop.abort(aborted), abortAfter)
  let ended = { status: 0, stdout: '', stderr: '' }
  let error: unknown = null
  try {
    ended = await box.sh(line, { signal: stop.signal })
  } catch (thrown) {
    error = thrown
  }
  clearTimeout(timer)
  const { user, system } = process.cpuUsage(cpu)
  const clock = performance.now() - start
  state.isOver = true
  await watching
  const printed = Buffer.byteLength(ended.stdout) + Buffer.byteLength(ended.stderr)
  return { cpu: (user + system) / 1000, clock, growth, waits, printed, status: ended.status, error }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** What is wrong with it. */
const findings = (
  { time, output }: Trial, { cpu, clock, growth, waits, printed, status, error }: Outcome,
): (readonly ['hang' | 'memory' | 'wrong-answer' | 'crash', string])[] => [
  ...(cpu > 2 * time + LATE || clock > time + LATE_BY_CLOCK
    ? [['hang', `${cpu} ms of processor time, ${clock} ms in all, of ${time}`] as const] : []),
  ...(waits.length > 5 && median(waits) > ANSWERED
    ? [['hang', `a neighbour waits for ${median(waits)} ms`] as const] : []),
  ...(growth > GROWTH ? [['memory', `the process grew by ${growth / MIB} MiB`] as const] : []),
  ...(printed > output ? [['wrong-answer', `${printed} bytes of ${output}`] as const] : []),
  ...(status < 0 || status > 255 ? [['wrong-answer', `status ${status}`] as const] : []),
  ...(error !== null && error !== aborted ? [['crash', String((error as Error).stack)] as const] : []),
]

const limitsOf = (random: Random) => ({
  time: random.pick([30, 100, 300]), memory: random.pick([4, 16, 64]) * MIB, output: random.pick([0, 1000, MIB]),
  files: random.pick([1, 16]) * MIB, inodes: 200, processes: random.pick([4, 16]),
})

const open = async (random: Random, inline: boolean): Promise<{ box: Sandbox; time: number; output: number }> => {
  const limits = limitsOf(random)
  const options: SandboxOptions = {
    inline, limits, shell: bash(random.oneIn(2) ? {} : { executionLimits: endless }),
    allow: { read: ['/data', '/dev', '/proc'], write: ['/data', '/dev'], exec: ['/bin'] },
    mounts: { '/data': memory(), '/secret': memory() },
  }
  const box = await createSandbox(options)
  for (const [name, step] of [['a', 7], ['b', 11]] as const) {
    const lines = Array.from({ length: 3000 }, (_, i) => `line ${(i * step) % 1000}\n`)
    await box.fs.writeFile(`/data/${name}`, lines.join(''))
  }
  for (const [name, size] of [['hole', 300e6], ['vast', 8e12]] as const) {
    await box.fs.writeFile(`/data/${name}`, '')
    await box.fs.truncate(`/data/${name}`, size)
  }
  await box.fs.mkdir('/data/tree/of/some', { recursive: true })
  await box.fs.writeFile('/secret/key', 'k\n')
  return { box, ...limits }
}

export const shell = seedFuzzer(async (seed, session: Session) => {
  const random = new Random(seed)
  const inline = random.oneIn(2)
  const [{ box, time, output }, neighbour] = [await open(random, inline), await createSandbox({ inline, allow: {} })]
  const tasks = (): number => (inline ? insideOf(box).kernel.machine.tasks.processes.size : 0)
  const before = tasks()
  try {
    for (let i = 0; i < LINES; i++) {
      const trial: Trial = {
        line: randomLine(random), time, output, abortAfter: random.oneIn(4) ? random.below(2 * time) : null,
      }
      const outcome = await attempt(box, neighbour, trial)
      session.step()
      for (const [kind, what] of findings(trial, outcome)) session.found(kind, `${seed}\n`, `${trial.line}\n${what}`)
      if (tasks() !== before) session.found('wrong-answer', `${seed}\n`, `${trial.line}\na process is left`)
    }
  } finally {
    await Promise.all([box.close(), neighbour.close()])
  }
})
