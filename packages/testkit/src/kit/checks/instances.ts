/** Two stacks live in one process: each call of the factory gives an LSM of its own, and they share no state. */
import { linesOf, runSession, sessionSteps } from '../session.ts'
import type { Scenario } from '../session.ts'
import { mustBeSame, nonconforming } from '../verdict.ts'
import { createWorld } from '../world.ts'
import type { Factory } from '../world.ts'

export const instances = (make: Factory, scenario: Scenario | undefined): void => {
  if (make() === make()) {
    throw nonconforming('factory', 'two calls gave one and the same instance', 'call `defineLsm` inside the factory')
  }
  const alone = runSession(createWorld(make), scenario)
  const hint = 'keep state in the closure of the factory, or on objects: not in the module'
  mustBeSame(alone, runSession(createWorld(make), scenario), 'after a first instance had run', hint)
  const [left, right] = [createWorld(make), createWorld(make)]
  const [leftSteps, rightSteps] = [sessionSteps(left, scenario), sessionSteps(right, scenario)]
  leftSteps.forEach((step, i) => {
    step()
    rightSteps[i]!()
  })
  mustBeSame(alone, linesOf(left), 'in turns with another instance', hint)
  mustBeSame(alone, linesOf(right), 'in turns with another instance', hint)
}
