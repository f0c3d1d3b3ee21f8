/** Every hook answers an int32 in time: nothing throws, nothing is a promise. */
import { runSession } from '../session.ts'
import type { Scenario } from '../session.ts'
import { nonconforming } from '../verdict.ts'
import { createWorld } from '../world.ts'
import type { Factory } from '../world.ts'

export const answers = (make: Factory, scenario: Scenario | undefined): void => {
  const world = createWorld(make)
  runSession(world, scenario)
  const [fault] = world.faults
  if (fault !== undefined) throw nonconforming(fault.hook, `${fault.fault}: ${fault.message}`)
}
