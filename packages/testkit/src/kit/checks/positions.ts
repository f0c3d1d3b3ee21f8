/** The order of a stack is its owner's: the LSM answers the same wherever it stands, and wherever its state lies. */
import { quiet } from '../neighbours.ts'
import { runSession } from '../session.ts'
import type { Scenario } from '../session.ts'
import { mustBeSame, nonconforming } from '../verdict.ts'
import { createWorld } from '../world.ts'
import type { Factory } from '../world.ts'

const names = ['quiet-a', 'quiet-b', 'quiet-c']

export const positions = (make: Factory, scenario: Scenario | undefined): void => {
  const alone = runSession(createWorld(make), scenario)
  for (let place = 0; place <= names.length; place++) {
    const neighbours = names.map(quiet)
    const world = createWorld(make, { before: neighbours.slice(0, place), after: neighbours.slice(place) })
    const got = runSession(world, scenario)
    mustBeSame(alone, got, `with ${place} in front`, 'does it count on being first, or on which slot its state has?')
    const [fault] = world.faults
    if (fault !== undefined) throw nonconforming(fault.hook, `with ${place} in front: ${fault.message}`)
  }
}
