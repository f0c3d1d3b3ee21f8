/** A program brought to life: its imports, its memory, its entry, and how it ends. */
import { STARTER } from './binary/defer-start.ts'
import { FUEL, REFILL } from './binary/meter.ts'
import { endingOf } from './exit.ts'
import type { Ending } from './exit.ts'
import { guard, guardWaiting } from './guard.ts'
import type { Import } from './guard.ts'
import { knownImports } from './imports.ts'
import type { Run } from './life.ts'
import { complain } from './process.ts'
import type { Process } from './process.ts'
import type { Program } from './program.ts'
import { giveBackRefill, QUANTUM, Refill, takeRefill } from './refill.ts'
import { isRuby, rubyCalls } from './ruby/driver.ts'
import { turn } from './waiting/turns.ts'
import { whileHeld } from './waiting/suspended.ts'

/** Runs a program that `assertRunnable` has passed, to its end, without ever letting go of the thread. */
export const runHere = ({ process, program }: Run): Ending => {
  try {
    const exports = bringToLife({ process, program })
    const status = enter(process, program, exports)
    return process.ending ?? { kind: 'exited', status }
  } catch (error) {
    return process.ending ?? endingOf(error)
  }
}

/** An instance that has started, and whose exports may be called without ever letting go of the thread. */
export const bringToLife = ({ process, program }: Run): WebAssembly.Exports => {
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
  // asked to run beside others where it can neither be suspended nor run in a worker
  if (!canSuspend()) {
    process.keepThread()
    return runHere({ process, program })
  }
  const refill = program.metered ? takeRefill(() => refuel(process)) : null
  try {
    const exports = instantiate({ process, program }, (owner, call, waits) =>
      waits ? new WebAssembly.Suspending(guardWaiting(owner, call)) : guard(owner, call))
    if (refill !== null) {
      const left = fuel(exports, refill)
      // an import that does not wait costs ten times as much when it may suspend: the next loop of the program does it
      process.onLook = () => {
        if (process.isTurnDue()) left.value = 0
      }
    }
    if (program.built.startsLater) await WebAssembly.promising(exports[STARTER] as () => void)()
    const status = await enterSuspended(process, program, exports)
    return process.ending ?? { kind: 'exited', status }
  } catch (error) {
    return process.ending ?? endingOf(error)
  } finally {
    if (refill !== null) giveBackRefill(refill)
  }
}

/** A program that computes lets others run now and then, and stops when it is told to. */
const refuel = (process: Process): Promise<void> | void => {
  process.look()
  if (process.isTurnDue()) return turn().then(() => whileHeld(process)).then(() => process.lookAlive())
}

/** How an import is given to a program; `waits`: it may answer later. */
type Wrap = (process: Process, call: Import, waits: boolean) => Import | WebAssembly.Suspending

const instantiate = ({ process, program: { module, imports } }: Run, wrap: Wrap): WebAssembly.Exports => {
  const given: WebAssembly.Imports = {}
  const known = knownImports(process, module)
  for (const { module: from, name } of imports) {
    const { call, waits } = known(from, name)
    ;(given[from] ??= {})[name] = wrap(process, call, waits)
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

/** Gives a metered program its first fuel and what is called when it is used up. Answers what is left. */
const fuel = (exports: WebAssembly.Exports, refill: Refill): WebAssembly.Global => {
  const left = exports[FUEL] as WebAssembly.Global
  const table = exports[REFILL] as WebAssembly.Table
  left.value = QUANTUM
  refill.left = left
  table.set(0, refill.exported)
  return left
}
