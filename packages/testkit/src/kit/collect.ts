/** Whether objects can be collected: the only way to see from outside that nobody holds them. */
import { TestkitError } from '../errors.ts'

/** Bytes that make a collector run, and how often to try. */
const PRESSURE = 32 << 20
const ROUNDS = 60

/** A turn of the event loop: WeakRefs keep what they gave until the present job is over. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

interface Builtins {
  readonly 'node:v8': { setFlagsFromString(flag: string): void }
  readonly 'node:vm': { runInNewContext(code: string): unknown }
}
interface Host {
  readonly gc?: () => void
  readonly process?: { getBuiltinModule?<N extends keyof Builtins>(name: N): Builtins[N] | undefined }
}

/** The collector itself, where the runtime lets one call it; Node does when it is asked, without any flag. */
const collector = (): (() => void) | null => {
  const { gc, process } = globalThis as unknown as Host
  if (gc !== undefined) return gc
  const [v8, vm] = [process?.getBuiltinModule?.('node:v8'), process?.getBuiltinModule?.('node:vm')]
  if (v8 === undefined || vm === undefined) return null
  v8.setFlagsFromString('--expose-gc')
  const found = vm.runInNewContext('globalThis.gc')
  return typeof found === 'function' ? found as () => void : null
}

/** Made when it is first asked for: who only imports this has no flag set. */
let known: (() => void) | null | undefined

const press = (): void => {
  if (known === undefined) known = collector()
  if (known === null) new Uint8Array(PRESSURE).fill(1)
  else known()
}

const isGone = (weak: WeakRef<object>): boolean => weak.deref() === undefined

/** Objects of no stack that nobody holds: when they are gone, a collection has happened. */
const controls = (): WeakRef<object>[] => Array.from({ length: 8 }, () => new WeakRef({}))

/**
 * Those of `suspects` that outlive collections, by name. Each round that controls have gone in counts; three must
 * leave a suspect alive for it to be held. Throws TestkitError `undecided` when the runtime does not collect.
 */
export const stillHeld = async (suspects: ReadonlyMap<string, readonly WeakRef<object>[]>): Promise<string[]> => {
  const alive = (): string[] => [...suspects].filter(([, refs]) => !refs.every(isGone)).map(([name]) => name)
  let collections = 0
  let control = controls()
  for (let round = 0; round < ROUNDS; round++) {
    await turn()
    press()
    await turn()
    if (alive().length === 0) return []
    if (!control.every(isGone)) continue
    if (++collections >= 3) return alive()
    control = controls()
  }
  throw new TestkitError('undecided', 'no garbage collection could be brought about', { hint: 'run with --expose-gc' })
}
