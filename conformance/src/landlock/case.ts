/** One recorded case: its setup and operation turned into a machine, a restricted task, and a call. */
import type { LandlockOptions } from '@lsmkit/landlock'
import { prepareServers, runOperation } from './operations.ts'
import { readSetup } from './setup.ts'
import { aLayer, LandlockWorld } from './world.ts'

/** Operations on rulesets, which leave the task unrestricted. */
const isAboutRulesets = (operation: string): boolean => /^(create_ruleset|add_rule|restrict_self)/.test(operation)

/** A ruleset for whom any will do. */
const anyRuleset = aLayer({ fs: 4 })

export const answerCase = (setup: string, operation: string, options: LandlockOptions = {}): string => {
  const { layers } = readSetup(setup)
  const world = new LandlockWorld(options, !setup.includes('no no_new_privs'))
  const server = prepareServers(world, setup)
  const isLoose = isAboutRulesets(operation)
  if (!isLoose) for (const layer of layers) world.restrict(layer)
  const scene = { world, ruleset: isLoose ? world.ruleset(layers[0] ?? anyRuleset) : -1 }
  return runOperation(scene, operation, server) ?? `unknown wording \`${operation}\``
}
