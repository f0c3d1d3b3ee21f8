/** Runs components: in the thread that calls, or suspended where they wait. */
import { STARTER } from '../binary/defer-start.ts'
import { REFILL } from '../binary/meter.ts'
import { endFuelEarly, fuel, refuel } from '../fuel.ts'
import type { Process } from '../process.ts'
import { bringComponentToLife } from './component.ts'
import type { ComponentProgram, Living } from './component.ts'

/** Its calls never let go of the thread. */
export const componentHere = (process: Process, program: ComponentProgram): Living =>
  bringComponentToLife(program, {
    process, wrap: (call) => call, withoutWaiting: (call) => call(),
    instantiate: ({ module, metered, built: { startsLater } }, imports) => {
      const { exports } = new WebAssembly.Instance(module, imports)
      if (metered) fuel(process, exports, () => process.look())
      if (startsLater) (exports[STARTER] as () => void)()
      return exports
    },
  })

/** `run` of a command answers whether it has failed. */
export const statusOf = (failed: number): number => (failed === 0 ? 0 : 1)

/** Runs a command to its end; a call that waits suspends it. Its answer is that of `run`. */
export const suspendedComponent = async (process: Process, program: ComponentProgram): Promise<number> => {
  const look = (): void => process.look()
  /** Of each core module that is metered. */
  const meters: { readonly left: WebAssembly.Global; readonly waitsFor: (isWaiting: boolean) => void }[] = []
  let pins = 0
  const withoutWaiting = <T>(call: () => T): T => {
    if (pins++ === 0) for (const { waitsFor } of meters) waitsFor(false)
    try {
      return call()
    } finally {
      if (--pins === 0) for (const { waitsFor } of meters) waitsFor(true)
    }
  }
  const { run } = bringComponentToLife(program, {
    process, withoutWaiting, wrap: (call, waits) => (waits ? new WebAssembly.Suspending(call) : call),
    instantiate: ({ module, metered, built: { startsLater } }, imports) => {
      const { exports } = new WebAssembly.Instance(module, imports)
      if (metered) {
        const left = fuel(process, exports, look)
        const table = exports[REFILL] as WebAssembly.Table
        const here: unknown = table.get(0)
        fuel(process, exports, new WebAssembly.Suspending(() => refuel(process)))
        const suspending: unknown = table.get(0)
        meters.push({ left, waitsFor: (isWaiting) => table.set(0, isWaiting ? suspending : here) })
      }
      if (startsLater) withoutWaiting(exports[STARTER] as () => void)
      return exports
    },
  })
  endFuelEarly(process, meters.map(({ left }) => left))
  return await (WebAssembly.promising(run as () => void)() as unknown as Promise<number>)
}
