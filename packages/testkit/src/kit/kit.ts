/** The conformance kit: named checks of the rules that a stack expects every LSM to keep. */
import { aFunction, checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { answers } from './checks/answers.ts'
import { attributeReads, attributeWrites } from './checks/attributes.ts'
import { blobs } from './checks/blobs.ts'
import { instances } from './checks/instances.ts'
import { memory } from './checks/memory.ts'
import { declaresAbi } from './checks/module-abi.ts'
import { poisonedArguments } from './checks/poison.ts'
import { positions } from './checks/positions.ts'
import { rollback } from './checks/rollback.ts'
import { throwingNeighbour } from './checks/throwing.ts'
import type { Scenario } from './session.ts'
import type { Factory } from './world.ts'

/** One check; `run` throws TestkitError `nonconforming` with the hook in `place`. */
export interface Check {
  readonly name: string
  run(): void | Promise<void>
}

export interface KitOptions {
  /**
   * Asks what the kit's own session cannot know of: a policy loaded, a label set, something refused. It runs at the end
   * of each session, and what the LSM answers in it must come out the same every time.
   */
  readonly scenario?: Scenario
}

const rules: OptionRules<KitOptions> = { scenario: aFunction }

/** `for (const { name, run } of conformanceKit(() => ownLsm())) test(name, run)` */
export const conformanceKit = (make: Factory, options: KitOptions = {}): readonly Check[] => {
  checkOptions(options, rules, 'conformanceKit')
  return checksOf(make, options.scenario)
}

const checksOf = (make: Factory, scenario: Scenario | undefined): readonly Check[] => [
  { name: 'it says which module ABI it is for', run: () => declaresAbi(make) },
  { name: 'two instances share no state', run: () => instances(make, scenario) },
  { name: 'every hook answers an int32, and none throws', run: () => answers(make, scenario) },
  { name: 'answers are the same in every position of the stack', run: () => positions(make, scenario) },
  { name: 'a neighbour that throws makes no answer laxer', run: () => throwingNeighbour(make, scenario) },
  { name: 'an error inside a hook is never an allow', run: () => poisonedArguments(make) },
  { name: 'state is made for each object and goes with it', run: () => blobs(make) },
  { name: 'nothing is remembered of objects that are gone', run: () => memory(make) },
  { name: 'an allocation that a neighbour refuses is undone', run: () => rollback(make, scenario) },
  { name: 'attributes are read by the rules of the kernel', run: () => attributeReads(make) },
  { name: 'attributes are written by the rules of the kernel', run: () => attributeWrites(make) },
]
