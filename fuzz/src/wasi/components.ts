/** Damaged components: each is refused with a typed error, or runs to its end, and leaves no task. */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { compileProgram, guestLimits, openReactor, ProgramError } from '@lsmkit/wasi'
import type { ComponentValue } from '@lsmkit/wasi'
import { componentsOf } from '../../../packages/wasi/test/wast/directives.ts'
import { damagedBytes } from '../frame/damage.ts'
import { seedFuzzer } from '../frame/input-fuzzer.ts'
import { Random } from '../frame/random.ts'

const folder = fileURLToPath(new URL('../../../packages/wasi/test/wast/own/', import.meta.url))
/** Milliseconds of one component. */
const TIME = 100
/** Calls that the components of the corpus answer, or refuse. */
const CALLS: readonly (readonly [name: string, ...args: readonly ComponentValue[]])[] = [
  ['echo', 'Größe'], ['go'], ['go', 0], ['gone'], ['f', 'x'], ['f', 1], ['g'], ['g', 1], ['rep'], ['wrong'], ['odd'],
]

let bases: readonly Uint8Array[] | null = null

const allBases = async (): Promise<readonly Uint8Array[]> =>
  (await Promise.all(globSync(`${folder}*.wast`).toSorted()
    .map((file) => componentsOf(readFileSync(file, 'utf8'))))).flat()

/** Runs what throws typed errors. */
const typed = (call: () => void): void => {
  try {
    call()
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
  }
}

const runOne = (kernel: Kernel, bytes: Uint8Array<ArrayBuffer>): void => typed(() => {
  const limits = { ...guestLimits, time: TIME }
  const program = compileProgram(bytes, limits)
  for (const [name, ...args] of CALLS) {
    typed(() => {
      const reactor = openReactor(kernel, kernel.init, { program, limits })
      typed(() => void reactor.call(name, ...args))
      reactor.end()
    })
  }
})

export const components = seedFuzzer(async (seed, session) => {
  const random = new Random(seed)
  const thrown: string[] = []
  const kernel = bootKernel({
    stack: createStack({ lsms: [capability()] }),
    onPanic: (call, error) => thrown.push(`${call}: ${error instanceof Error ? error.stack : String(error)}`),
  })
  bases ??= await allBases()
  const base = bases[random.below(bases.length)]!
  runOne(kernel, new Uint8Array(random.below(50) === 0 ? base : damagedBytes(base, random)))
  session.step()
  if (thrown.length > 0) session.found('crash', `${seed}\n`, thrown.join('\n'))
  if (kernel.machine.tasks.processes.size !== 1) session.found('wrong-answer', `${seed}\n`, 'a task is left')
})
