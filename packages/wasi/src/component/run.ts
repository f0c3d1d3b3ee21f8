/** Runs components: in the thread that calls, or suspended where they wait. */
import { STARTER } from '../binary/defer-start.ts'
import { REFILL } from '../binary/meter.ts'
import type { ComponentProgram } from '../component-program.ts'
import { endFuelEarly, fuel, refuel } from '../fuel.ts'
import type { Process } from '../process.ts'
import { giveBackRefill, Refill, takeRefill } from '../refill.ts'
import { bringComponentToLife } from './component.ts'
import type { Living } from './component.ts'
import type { CoreFunction } from './calls.ts'
import { givenBy } from './given.ts'
import type { Making } from './linking.ts'

/** Its calls never let go of the thread. */
export const componentHere = (process: Process, program: ComponentProgram): Living =>
  bringComponentToLife(program, {
    process, given: givenBy(process.imports), wrap: (call) => call, withoutWaiting: (call) => call(),
    enter: (call) => call,
    instantiate: ({ module, metered, built: { startsLater } }, imports) => {
      const { exports } = new WebAssembly.Instance(module, imports)
      if (metered) fuel(exports, new Refill(() => process.look()))
      if (startsLater) (exports[STARTER] as () => void)()
      return exports
    },
  })

/** `run` of a command answers whether it has failed. */
const statusOf = (failed: number | undefined): number => ((failed ?? 0) === 0 ? 0 : 1)

/** Calls the entry of a component, and never lets go of the thread. */
export const runComponentHere = (process: Process, program: ComponentProgram): number => {
  const [core, words] = componentHere(process, program).entry!
  return statusOf(core(...words()))
}

/**
 * Runs the entry of a component of WASI 0.3 where nothing of it can be suspended: the host goes on while its tasks
 * wait. Its status.
 */
export const drivenComponent = async (process: Process, program: ComponentProgram): Promise<number> => {
  const { entry, driven } = componentHere(process, program)
  if (driven === null) {
    await process.exchange?.close()
    const [core, words] = entry!
    return statusOf(core(...words()))
  }
  process.isDriven = true
  return driven()
}

/** Runs the entry of a component to its end; a call that waits suspends it. Its status. */
export const suspendedComponent = async (process: Process, program: ComponentProgram): Promise<number> => {
  /** Of each core module that is metered: what is called when its fuel is used up where it may wait, and elsewhere. */
  const meters: { readonly table: WebAssembly.Table; readonly waiting: Refill; readonly here: Refill }[] = []
  let pins = 0
  const withoutWaiting = <T>(call: () => T): T => {
    if (pins++ === 0) for (const { table, here } of meters) table.set(0, here.exported)
    try {
      return call()
    } finally {
      if (--pins === 0) for (const { table, waiting } of meters) table.set(0, waiting.exported)
    }
  }
  try {
    const { entry, driven } = bringComponentToLife(program, {
      process, given: givenBy(process.imports), withoutWaiting,
      wrap: (call, waits) => (waits ? new WebAssembly.Suspending(call) : call),
      enter: (call, mayWait) => suspendable(call, () => pins === 0 && mayWait(), withoutWaiting),
      instantiate: ({ module, metered, built: { startsLater } }, imports) => {
        const { exports } = new WebAssembly.Instance(module, imports)
        if (metered) {
          const here = new Refill(() => process.look())
          const waiting = takeRefill(() => refuel(process))
          meters.push({ table: exports[REFILL] as WebAssembly.Table, waiting, here })
          here.left = fuel(exports, waiting)
        }
        if (startsLater) withoutWaiting(exports[STARTER] as () => void)
        return exports
      },
    })
    endFuelEarly(process, meters.map(({ here }) => here.left!))
    if (driven !== null) return await driven()
    const [core, words] = entry!
    const enter = WebAssembly.promising(core as () => void) as unknown as (...words: unknown[]) => Promise<number>
    return statusOf(await enter(...words()))
  } finally {
    for (const { waiting } of meters) giveBackRefill(waiting)
  }
}

/** A core function that a call out of it may suspend, together with the component that called it. */
const suspendable = (
  call: CoreFunction, maySuspend: () => boolean, withoutWaiting: Making['withoutWaiting'],
): CoreFunction => {
  let promising: CoreFunction | null = null
  return (...words) => {
    if (!maySuspend()) return withoutWaiting(() => call(...words))
    promising ??= isOfWasm(call) ? WebAssembly.promising(call as () => void) as unknown as CoreFunction : call
    return promising(...words)
  }
}

/** Whether it is a function of a core module: the engine gives those numbers for names. */
const isOfWasm = (call: CoreFunction): boolean => /^\d+$/.test(call.name)
