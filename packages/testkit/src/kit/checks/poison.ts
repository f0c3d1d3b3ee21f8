/** An error inside a hook denies, through the framework. A hook that catches it and answers "allowed" fails open. */
import { hookDefs } from '@lsmkit/core'
import type { HookFn } from '@lsmkit/core'
import { sampleArgs } from '../samples.ts'
import { askHook, ownHooks } from '../session.ts'
import { answerText, nonconforming } from '../verdict.ts'
import { createWorld } from '../world.ts'
import type { Factory, World } from '../world.ts'

/** An object whose every property throws, and whether one was touched. */
const poisoned = (object: object) => {
  const state = { touched: false, proxy: object }
  const trap = (): never => {
    state.touched = true
    throw new Error('poisoned argument')
  }
  state.proxy = new Proxy(object, { get: trap, set: trap, has: trap, ownKeys: trap, getOwnPropertyDescriptor: trap })
  return state
}

/** The hook's own arguments, which are not always those of its framework function. */
const heardArgs = (world: World, hook: keyof typeof hookDefs): readonly unknown[] | null => {
  const args = sampleArgs(world, hook)
  if (args === null) return null
  world.calls.length = 0
  askHook(world, hook, args)
  return world.calls.find((call) => call.hook === hook)?.args ?? null
}

export const poisonedArguments = (make: Factory): void => {
  for (const hook of ownHooks(createWorld(make))) {
    if (hookDefs[hook].ret === 'void') continue
    const world = createWorld(make)
    const args = heardArgs(world, hook)
    args?.forEach((arg, index) => {
      if (typeof arg !== 'object' || arg === null || ArrayBuffer.isView(arg)) return
      const poison = poisoned(arg)
      let answer: unknown
      try {
        answer = (world.group[hook] as HookFn)(...args.with(index, poison.proxy))
      } catch {
        return
      }
      if (!poison.touched || typeof answer !== 'number' || answer < 0) return
      const told = `argument ${index + 1} throws when it is looked at, and the answer is ${answerText(answer)}`
      throw nonconforming(hook, told, 'let errors through: the framework denies and names the LSM')
    })
  }
}
