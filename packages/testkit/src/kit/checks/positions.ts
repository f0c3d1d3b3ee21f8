/** The order of a stack is its owner's: the LSM answers the same wherever it stands, and wherever its state lies. */
import { passiveLsm } from '../neighbours.ts'
import { runSession } from '../session.ts'
import type { Line, Scenario } from '../session.ts'
import { mustBeSame, nonconforming } from '../verdict.ts'
import { createWorld } from '../world.ts'
import type { Factory, World } from '../world.ts'

/** The framework asks the first member of these and nobody else: a place further back has no say. */
const FIRST_ONLY: ReadonlySet<string> = new Set(['xfrm_state_pol_flow_match'])

const names = ['quiet-a', 'quiet-b', 'quiet-c']

export const positions = (make: Factory, scenario: Scenario | undefined): void => {
  const session = (world: World): Line[] => runSession(world, scenario).filter(({ hook }) => !FIRST_ONLY.has(hook))
  const alone = session(createWorld(make))
  for (let place = 0; place <= names.length; place++) {
    const neighbours = names.map(passiveLsm)
    const world = createWorld(make, { before: neighbours.slice(0, place), after: neighbours.slice(place) })
    const got = session(world)
    mustBeSame(alone, got, `with ${place} in front`, 'does it count on being first, or on which slot its state has?')
    const [fault] = world.faults
    if (fault !== undefined) throw nonconforming(fault.hook, `with ${place} in front: ${fault.message}`)
  }
}
