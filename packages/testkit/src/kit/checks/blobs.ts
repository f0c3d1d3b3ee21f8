/** State is made for each object anew and goes with it. */
import type { BlobAccessor, BlobKind, Secured } from '@lsmkit/core'
import { errnoName } from '@lsmkit/abi'
import { lifecycles, unborn } from '../lifecycles.ts'
import type { Lifecycle } from '../lifecycles.ts'
import { nonconforming } from '../verdict.ts'
import { createWorld } from '../world.ts'
import type { Factory, World } from '../world.ts'

/** Values and what nobody can change may be shared. */
const isShared = (a: unknown, b: unknown): boolean =>
  ((typeof a === 'object' && a !== null) || typeof a === 'function') && a === b && !Object.isFrozen(a)

const born = (world: World, life: Lifecycle): Secured => {
  const object = unborn(world, life)
  const rc = life.alloc(world, object as never)
  if (rc !== 0) throw nonconforming(life.hook, `an ordinary object is refused: ${errnoName(rc)}`)
  return object
}

export const blobs = (make: Factory): void => {
  const world = createWorld(make)
  for (const [kind, blob] of Object.entries(world.own.blobs) as [BlobKind, BlobAccessor<Secured> | undefined][]) {
    if (blob === undefined) continue
    for (const life of lifecycles.filter((each) => each.kind === kind)) {
      const [one, two] = [born(world, life), born(world, life)]
      if (blob(one) === undefined) throw nonconforming(life.hook, 'state is `undefined`', 'nothing returned?')
      if (isShared(blob(one), blob(two))) {
        throw nonconforming(life.hook, 'two objects have one and the same state', 'make it inside the initialiser')
      }
      life.free?.(world, one as never)
      if (life.free !== null && kind !== 'backing_file' && one.security !== null) {
        throw nonconforming(life.hook, 'state is left on an object that is gone')
      }
      const three = born(world, life)
      if (isShared(blob(three), blob(two))) throw nonconforming(life.hook, 'a new object has the state of an old one')
    }
  }
  const [fault] = world.faults
  if (fault !== undefined) throw nonconforming(fault.hook, `${fault.fault}: ${fault.message}`)
}
