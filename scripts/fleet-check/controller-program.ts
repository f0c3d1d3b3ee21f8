/** A controller of rollouts that dies at a chosen place: after its look, or between two wishes. */
import { runRollout } from '../../packages/fleet/src/index.ts'
import type { Step, Store } from '../../packages/fleet/src/index.ts'
import { openPlace } from './place.ts'
import type { Place } from './place.ts'
import { dieHere, printLine, readSettings } from './processes.ts'

export interface ControllerSettings {
  readonly place: Place
  readonly seed?: string
  readonly every: number
  /** It dies in this step: `look` after it has looked, `write` before the second of its wishes is written. */
  readonly dies?: { readonly step: Step, readonly at: 'look' | 'write' }
  /** Milliseconds that its clock is ahead, other ones in each look. */
  readonly clock?: readonly number[]
}

const { place, seed, every, dies, clock } = await readSettings<ControllerSettings>()

if (clock !== undefined) {
  const now = Date.now.bind(Date)
  let calls = 0
  Date.now = () => now() + clock[(calls += 1) % clock.length]!
}

let written: Step | null = null
let wishes = 0
/** Dies between the first and the second wish of a step. */
const mortal = (store: Store): Store => new Proxy(store, {
  get: (target, name) => {
    const value: unknown = Reflect.get(target, name, target)
    if (name !== 'swap') return typeof value === 'function' ? value.bind(target) : value
    return async (...args: Parameters<Store['swap']>): Promise<number> => {
      if (args[0] === 'want' && dies?.at === 'write' && written === dies.step && (wishes += 1) > 1) dieHere()
      const revision = await target.swap(...args)
      if (args[0] === 'rollout') written = (JSON.parse(new TextDecoder().decode(args[2])) as { step: Step }).step
      return revision
    }
  },
})

const state = await runRollout(mortal(openPlace(place, seed)), {
  every,
  onLook({ step }) {
    if (dies?.at === 'look' && step === dies.step) dieHere()
  },
})
printLine({ step: state?.step })
process.exit(0)
