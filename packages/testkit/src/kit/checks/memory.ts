/** Nothing is remembered of objects that are gone: neither they nor their state are held by anybody. */
import type { Secured } from '@lsmkit/core'
import { stillHeld } from '../collect.ts'
import { lifecycles, unborn } from '../lifecycles.ts'
import type { Lifecycle } from '../lifecycles.ts'
import { nonconforming } from '../verdict.ts'
import { createWorld } from '../world.ts'
import type { Factory, World } from '../world.ts'

const COUNT = 4

/** Lives of objects from birth to end; only weak references come back. */
const live = (world: World, life: Lifecycle): WeakRef<object>[] =>
  Array.from({ length: COUNT }, () => {
    const object: Secured = unborn(world, life)
    if (life.alloc(world, object as never) === 0) {
      life.use?.(world, object as never)
      life.free?.(world, object as never)
    }
    return new WeakRef(object)
  })

const holdsNothing = async (world: World, when: string): Promise<void> => {
  const suspects = new Map(lifecycles.map((life) => [life.hook, live(world, life)]))
  world.calls.length = 0
  const [held] = await stillHeld(suspects)
  if (held === undefined) return
  const hint = 'keep state on the object itself; if it is kept elsewhere, drop it in the free hook'
  throw nonconforming(held, `objects are still held ${when}`, hint)
}

export const memory = async (make: Factory): Promise<void> => {
  const world = createWorld(make)
  await holdsNothing(world, 'after their end')
}

/** Objects that a neighbour has refused; the world is one with such a neighbour. */
export const refusedAreForgotten = (world: World): Promise<void> =>
  holdsNothing(world, 'though a neighbour had refused them')
