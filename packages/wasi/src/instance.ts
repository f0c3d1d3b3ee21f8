/** A program brought to life: its imports, its memory, its entry, and how it ends. */
import { dictionary } from '@lsmkit/abi'
import { STARTER } from './binary/defer-start.ts'
import { ComponentProgram } from './component-program.ts'
import { componentHere, drivenComponent, runComponentHere, suspendedComponent } from './component/run.ts'
import { endingOf } from './exit.ts'
import type { Ending } from './exit.ts'
import { endFuelEarly, fuel, refuel } from './fuel.ts'
import { guard, guardWaiting } from './guard.ts'
import type { Import } from './guard.ts'
import { knownImports } from './imports.ts'
import type { Run } from './life.ts'
import { complain } from './process.ts'
import type { Process } from './process.ts'
import type { Program } from './program.ts'
import { giveBackRefill, Refill, takeRefill } from './refill.ts'
import { isRuby, rubyCalls } from './ruby/driver.ts'

/** Runs a program that `assertRunnable` has passed, to its end, without ever letting go of the thread. */
export const runHere = ({ process, program }: Run): Ending => {
  if (process.exchange !== null) process.exchange.isOpen = false
  try {
    const status = program instanceof ComponentProgram
      ? runComponentHere(process, program)
      : enter(process, program, moduleHere({ process, program }))
    return process.ending ?? { kind: 'exited', status }
  } catch (error) {
    return process.ending ?? endingOf(error)
  }
}

/** The callable exports of an instance. */
export type LivingExports = Readonly<Record<string, unknown>>

/** An instance that has started, and whose exports may be called without ever letting go of the thread. */
export const bringToLife = ({ process, program }: Run): LivingExports =>
  program instanceof ComponentProgram
    ? componentHere(process, program).functions
    : moduleHere({ process, program })

const moduleHere = ({ process, program }: Run): WebAssembly.Exports => {
  const exports = instantiate({ process, program }, guard)
  if (program.metered) fuel(exports, new Refill(() => process.look()))
  if (program.built.startsLater) (exports[STARTER] as () => void)()
  return exports
}

/** Whether the engine can suspend a program (JavaScript promise integration): Node 24, Chrome 137. */
export const canSuspend = (): boolean =>
  typeof WebAssembly.Suspending === 'function' && typeof WebAssembly.promising === 'function'

/** As runHere, but a call that waits suspends the program, and the thread runs others. */
export const runSuspended = async ({ process, program }: Run): Promise<Ending> => {
  const { exchange } = process
  const suspends = canSuspend()
  // asked to run beside others where it can neither be suspended nor run in a worker
  if (!suspends) process.keepThread()
  const isDriven = !suspends && program instanceof ComponentProgram && program.hasTasks
  try {
    if (!suspends && !isDriven) {
      await exchange?.close()
      return runHere({ process, program })
    }
    const status = program instanceof ComponentProgram
      ? await (isDriven ? drivenComponent : suspendedComponent)(process, program)
      : await suspendedModule(process, program)
    return process.ending ?? { kind: 'exited', status }
  } catch (error) {
    return process.ending ?? endingOf(error)
  }
}

const suspendedModule = async (process: Process, program: Program): Promise<number> => {
  const refill = program.metered ? takeRefill(() => refuel(process)) : null
  try {
    const exports = instantiate({ process, program }, (owner, call, waits) =>
      waits ? new WebAssembly.Suspending(guardWaiting(owner, call)) : guard(owner, call))
    if (refill !== null) endFuelEarly(process, [fuel(exports, refill)])
    if (program.built.startsLater) await WebAssembly.promising(exports[STARTER] as () => void)()
    return await enterSuspended(process, program, exports)
  } finally {
    if (refill !== null) giveBackRefill(refill)
  }
}

/** How an import is given to a program; `waits`: it may answer later. */
type Wrap = (process: Process, call: Import, waits: boolean) => Import | WebAssembly.Suspending

const instantiate = ({ process, program: { module, imports } }: Run, wrap: Wrap): WebAssembly.Exports => {
  const given: WebAssembly.Imports = dictionary()
  const known = knownImports(process, module)
  for (const { module: from, name } of imports) {
    const { call, waits } = known(from, name)
    ;(given[from] ??= dictionary())[name] = wrap(process, call, waits)
  }
  const { exports } = new WebAssembly.Instance(module, given)
  if (exports.memory instanceof WebAssembly.Memory) process.memory.attach(exports.memory)
  return exports
}

type Entry = (...args: readonly number[]) => void

/** The calls of the entry: `_start` of a command, or what stands for one. Answers the status where they come back. */
function* entryCalls(
  { sys, task, argv }: Process, program: Program, exports: WebAssembly.Exports,
): Generator<readonly [name: string, ...args: readonly number[]], number, void> {
  if (isRuby(program)) return yield* rubyCalls(exports, argv.strings, (text) => complain(sys, task, text))
  yield ['_start']
  return 0
}

const enter = (process: Process, program: Program, exports: WebAssembly.Exports): number => {
  const calls = entryCalls(process, program, exports)
  let step = calls.next()
  for (; step.done !== true; step = calls.next()) {
    const [name, ...args] = step.value
    ;(exports[name] as Entry)(...args)
  }
  return step.value
}

const enterSuspended = async (process: Process, program: Program, exports: WebAssembly.Exports): Promise<number> => {
  const calls = entryCalls(process, program, exports)
  let step = calls.next()
  for (; step.done !== true; step = calls.next()) {
    const [name, ...args] = step.value
    await WebAssembly.promising(exports[name] as Entry)(...args)
  }
  return step.value
}
