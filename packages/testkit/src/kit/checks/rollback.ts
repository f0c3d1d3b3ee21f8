/** When a neighbour refuses an allocation, the object never was: state is undone, and later answers are the same. */
import { errnoName } from '@lsmkit/abi'
import { refusing } from '../neighbours.ts'
import { lifecycles, unborn } from '../lifecycles.ts'
import { runSession } from '../session.ts'
import type { Scenario } from '../session.ts'
import { mustBeSame, nonconforming } from '../verdict.ts'
import { createWorld } from '../world.ts'
import type { Factory, Surroundings, Trouble } from '../world.ts'
import { refusedAreForgotten } from './memory.ts'

const refuseAll = async (
  make: Factory,
  scenario: Scenario | undefined,
  surroundings: (trouble: Trouble) => Surroundings,
  where: string,
): Promise<void> => {
  const trouble = { on: false }
  const world = createWorld(make, { ...surroundings(trouble), trouble })
  trouble.on = true
  for (const life of lifecycles) {
    const object = unborn(world, life)
    const rc = life.alloc(world, object as never)
    if (rc >= 0) throw nonconforming(life.hook, `${where}: an allocation that was refused answers ${errnoName(rc)}`)
    if (life.kind !== 'backing_file' && object.security !== null) {
      throw nonconforming(life.hook, `${where}: state is left on an object that was refused`)
    }
  }
  await refusedAreForgotten(world)
  trouble.on = false
  const hint = 'a free hook must take an object that the alloc hook has never seen'
  const [fault] = world.faults
  if (fault !== undefined) throw nonconforming(fault.hook, `${where}: ${fault.fault}: ${fault.message}`, hint)
  mustBeSame(runSession(createWorld(make), scenario), runSession(world, scenario), `${where}, afterwards`, hint)
}

/**
 * Behind it: what it has done is undone. In front, as Linux 6.12 does it: its free hooks run though it has done
 * nothing yet.
 */
export const rollback = async (make: Factory, scenario: Scenario | undefined): Promise<void> => {
  const behind = (trouble: Trouble) => ({ after: [refusing('refusing', trouble)] })
  await refuseAll(make, scenario, behind, 'refused by a neighbour behind')
  const inFront = (trouble: Trouble) => ({ before: [refusing('refusing', trouble)], kernelExact: true })
  await refuseAll(make, scenario, inFront, 'refused by a neighbour in front')
}
