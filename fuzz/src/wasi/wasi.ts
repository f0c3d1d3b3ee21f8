/**
 * Random modules under random limits on one kernel: each ends in time, holds no more than it may, and leaves nothing of
 * itself but files.
 */
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { ProgramError, runWasi } from '@lsmkit/wasi'
import { seedFuzzer } from '../frame/input-fuzzer.ts'
import { Random } from '../frame/random.ts'
import { randomModule } from './module.ts'

const MODULES = 50
const PAGE = 65536
/** Milliseconds, and by how much a busy machine may pass them. */
const TIME = 4
const LATE = 3000

interface Told {
  readonly kind: 'hang' | 'memory' | 'wrong-answer'
  readonly what: string
}

const runOne = (kernel: Kernel, random: Random, step: (calls: number) => void): Told | null => {
  const { machine, init } = kernel
  const limits = {
    time: TIME, loops: true, memory: PAGE * (4 + random.below(100)), tables: 100_000 + random.below(2 ** 20),
    output: random.below(10_000), files: random.below(2 ** 20), inodes: random.below(100),
    descriptors: 4 + random.below(20), processes: 1 + random.below(4),
  }
  const before = { tasks: machine.tasks.processes.size, pages: machine.ceiling.pages, ispace: machine.ceiling.ispace }
  let output = 0
  const sink = (bytes: Uint8Array): void => void (output += bytes.length)
  try {
    const program = randomModule(random)
    const { stats } = runWasi(kernel, init, { program, limits, stdin: 'text', stdout: sink, stderr: sink })
    step(stats.calls)
    if (stats.time > TIME + LATE) return { kind: 'hang', what: `it ran for ${stats.time} ms` }
    if (stats.pages * PAGE > limits.memory)
      return { kind: 'memory', what: `${stats.pages} pages of ${limits.memory} bytes` }
    if (output > limits.output) return { kind: 'wrong-answer', what: `${output} bytes of ${limits.output}` }
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
    // it was not ready in time, and nothing has happened
    if (error.code === 'time-limit') return null
    return { kind: 'wrong-answer', what: `refused: ${error.message}` }
  }
  const { pages, ispace } = machine.ceiling
  if ((pages - before.pages) * 4096 > limits.files)
    return { kind: 'memory', what: `${pages - before.pages} pages of files` }
  if (ispace - before.ispace > limits.inodes * 1024) return { kind: 'memory', what: 'more inodes than it may' }
  if (!machine.ceiling.hasPages(2 ** 40)) return { kind: 'wrong-answer', what: 'the ceiling stays low' }
  if (machine.tasks.processes.size !== before.tasks) return { kind: 'wrong-answer', what: 'a task is left' }
  return null
}

export const wasi = seedFuzzer((seed, session) => {
  const random = new Random(seed)
  const thrown: string[] = []
  const kernel = bootKernel({
    stack: createStack({ lsms: [capability()] }),
    onPanic: (call, error) => thrown.push(`${call}: ${error instanceof Error ? error.stack : String(error)}`),
  })
  kernel.sys.mkdir(kernel.init, '/tmp', 0o777)
  for (let i = 0; i < MODULES; i++) {
    const told = runOne(kernel, random, (calls) => session.step(1 + calls))
    if (told !== null) session.found(told.kind, `${seed}\n`, `module ${i}: ${told.what}`)
    if (thrown.length > 0) session.found('crash', `${seed}\n`, `module ${i}: ${thrown.join('\n')}`)
    thrown.length = 0
  }
})
