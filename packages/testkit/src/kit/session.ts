/** Everything the LSM has hooks for, asked as root and as an ordinary user, then the author's own scenario. */
import { hookNames } from '@lsmkit/core'
import type { HookName } from '@lsmkit/core'
import { sampleArgs } from './samples.ts'
import type { World } from './world.ts'

/** Steps of the author's own: what is asked through `world.stack` counts like the rest. */
export type Scenario = (world: World) => void

/** One hook through its framework function; 0 for a void one, null when it cannot be asked alone. */
export const askHook = ({ stack }: World, hook: HookName, args: readonly unknown[]): number => {
  const key = stack.lsm[hook] as { ask?: (...given: unknown[]) => number; tell?: (...given: unknown[]) => void }
  if (key.ask !== undefined) return key.ask(...args)
  key.tell!(...args)
  return 0
}

/** The hooks it has, in the table's order. */
export const ownHooks = ({ group }: World): HookName[] => hookNames.filter((hook) => group[hook] !== undefined)

/** The steps of a session, to be run one at a time: two worlds can be driven in turns. */
export const sessionSteps = (world: World, scenario: Scenario | undefined): (() => void)[] => {
  const { stack, root, user } = world
  const asTask = (task: typeof root, hook: HookName) => (): void => {
    const callsBefore = world.calls.length
    stack.current.task = user
    const args = sampleArgs(world, hook)
    stack.current.task = task
    // what building the arguments has asked is not the question
    world.calls.length = callsBefore
    if (args !== null) askHook(world, hook, args)
  }
  const steps = ownHooks(world).flatMap((hook) => [asTask(root, hook), asTask(user, hook)])
  const own = (): void => {
    stack.current.task = user
    scenario?.(world)
  }
  return [...steps, own]
}

/** A call and its answer, as a line that can be compared. */
export interface Line {
  readonly hook: HookName
  readonly answer: unknown
}

/** Runs a session and gives what the LSM answered at each step, in order. */
export const runSteps = (world: World, scenario: Scenario | undefined): Line[][] =>
  sessionSteps(world, scenario).map((step) => {
    world.calls.length = 0
    step()
    return linesOf(world)
  })

export const runSession = (world: World, scenario: Scenario | undefined): Line[] => runSteps(world, scenario).flat()

export const linesOf = ({ calls }: World): Line[] =>
  calls.map(({ hook, answer }) => ({ hook, answer: typeof answer === 'number' ? answer : typeof answer }))
