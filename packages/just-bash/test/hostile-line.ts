/** One command line in a box, in a process of its own: how it ends, what it costs. A JSON `Spec`, JSON on stdout. */
import { createSandbox, memory } from '@lsmkit/sandbox'
import type { SandboxOptions } from '@lsmkit/sandbox'
import { bash } from '../src/index.ts'

export interface Spec {
  readonly line: string
  readonly inline: boolean
  readonly limits: NonNullable<SandboxOptions['limits']>
  /** Milliseconds after which the caller's signal ends it. */
  readonly abortAfter?: number
}

export interface Measured {
  readonly status: number
  readonly reason: string
  readonly stdout: string
  readonly stderr: string
  /** Bytes printed. */
  readonly printed: number
  readonly rejected: string
  /** Milliseconds of processor time. */
  readonly cpu: number
  /** Bytes that the process grew by at most. */
  readonly peak: number
  /** Milliseconds in which a neighbour's `fs.stat` was answered: the median, and the greatest. */
  readonly median: number
  readonly worst: number
  /** The output of the box afterwards. */
  readonly after: string
}

const { line, inline, limits, abortAfter } = JSON.parse(process.argv[2]!) as Spec

const options: SandboxOptions = {
  inline, limits, mounts: { '/data': memory() },
  // just-bash's own limits would end loops first
  shell: bash({ executionLimits: { maxLoopIterations: 1e12, maxCommandCount: 1e12, maxWorkUnits: 1e12 } }),
  allow: { read: ['/data', '/dev'], write: ['/data'], exec: ['/bin'] },
}
const [box, neighbour] = [await createSandbox(options), await createSandbox({ inline, allow: {} })]
// `diff` of these takes half a minute on a fast machine
const lines = (step: number): string => Array.from({ length: 12_000 }, (_, i) => `line ${(i * step) % 1000}\n`).join('')
await box.fs.writeFile('/data/a', lines(7))
await box.fs.writeFile('/data/b', lines(11))
for (const [name, size] of [['hole', 300e6], ['vast', 8e12]] as const) {
  await box.fs.writeFile(`/data/${name}`, '')
  await box.fs.truncate(`/data/${name}`, size)
}
// the thread of the shell, and what V8 compiles
await box.sh('cat /data/a | head -1')

const over = { isOver: false }
let peak = 0
const before = process.memoryUsage.rss()
const waits: number[] = []
const watch = async (): Promise<void> => {
  while (!over.isOver) {
    const start = performance.now()
    await neighbour.fs.stat('/')
    waits.push(performance.now() - start)
    peak = Math.max(peak, process.memoryUsage.rss() - before)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
const watching = watch()
const started = process.cpuUsage()
const stop = new AbortController()
if (abortAfter !== undefined) setTimeout(() => stop.abort(new Error('enough')), abortAfter)
let rejected = ''
const ended = await box.sh(line, { signal: stop.signal }).catch((error: Error) => {
  rejected = error.message
  return { status: -1, reason: '', stdout: '', stderr: '' }
})
const { user, system } = process.cpuUsage(started)
over.isOver = true
await watching
waits.sort((a, b) => a - b)
const { stdout: after } = await box.sh('echo goes on; head -1 /data/a')
const measured: Measured = {
  status: ended.status, reason: ended.reason, stdout: ended.stdout.slice(0, 200), stderr: ended.stderr.slice(0, 400),
  printed: ended.stdout.length + ended.stderr.length, rejected, cpu: (user + system) / 1000, peak,
  median: waits[waits.length >> 1]!, worst: waits.at(-1)!, after,
}
process.stdout.write(JSON.stringify(measured), () => process.exit())
