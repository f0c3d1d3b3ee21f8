/** Rulesets of Landlock, as `ruleset(…)` of `@lsmkit/landlock` takes them. */
import { aString, checkOptions, oneOf, required, wholeNumber } from '@lsmkit/core/option-rules'
import { rulesetChanges } from '@lsmkit/landlock/changes'
import { planOf } from '@lsmkit/landlock/plan'
import type { RulesetOptions } from '@lsmkit/landlock/plan'
import type { Answer, Assumption, CompiledPolicy, Excess, PartFiles, PolicyKind, Proof } from './kind.ts'
import { frozen, jsonOf, proofOf, reading } from './kind.ts'

const FILE = 'landlock.json'

export interface CompiledLandlock extends CompiledPolicy {
  readonly kind: 'landlock'
  readonly options: RulesetOptions
}

interface Ask {
  readonly may: 'read' | 'write' | 'execute' | 'bind' | 'connect'
  readonly path?: string
  readonly port?: number
}

const rules = {
  may: required(oneOf('read', 'write', 'execute', 'bind', 'connect')), path: aString, port: wholeNumber(0, 65535),
}

/** Allowed is what a ruleset with this one right more would not add to. */
const answerOf = (options: RulesetOptions, ask: Ask): Answer => {
  const { may, path, port } = ask
  const isPort = may === 'bind' || may === 'connect'
  const added = isPort ? [...options[may] ?? [], port!] : [...options[may] ?? [], path!]
  // ports are free where no rule names any
  if (isPort && options[may] === undefined) return { allowed: true, why: `${may} is not restricted` }
  const more = [...rulesetChanges(options, { ...options, [may]: added })].filter(({ effect }) => effect === 'more')
  return { allowed: more.length === 0, why: more[0]?.words ?? null }
}

const compile = (files: PartFiles): CompiledLandlock => {
  const [[name = FILE, bytes = new Uint8Array()] = []] = files
  const given = jsonOf(bytes, name) as RulesetOptions
  const options = reading(name, () => {
    for (const _change of rulesetChanges({}, given)) break
    planOf(given)
    return frozen(given)
  })
  return {
    kind: 'landlock', options,
    answer: (ask, place) => reading(place, () => {
      checkOptions(ask, rules, place)
      const asked = ask as Ask
      const isPort = asked.may === 'bind' || asked.may === 'connect'
      if (isPort) checkOptions({ port: asked.port }, { port: required(rules.port) }, place)
      else checkOptions({ path: asked.path }, { path: required(rules.path) }, place)
      return answerOf(options, asked)
    }),
  }
}

const pathsOf = (options: RulesetOptions): ReadonlySet<string> => new Set(planOf(options).paths.keys())

/** A rule below a folder of the maximum may lead over a link to somewhere else. */
const uncertain = (options: RulesetOptions, max: RulesetOptions, assume: ReadonlySet<Assumption>): Excess[] => {
  const tops = pathsOf(max)
  const excess = (text: string): Excess => ({ kind: 'landlock', place: 'files', text })
  return [...pathsOf(options)].flatMap((path) => {
    if (path.split('/').includes('..')) return [excess(`\`${path}\` has a \`..\`, which may lead anywhere`)]
    if (tops.has(path) || tops.has('/') || assume.has('no-links')) return []
    return [excess(`\`${path}\` may lead over a link, and so to another place`)]
  })
}

const within = ({ options }: CompiledLandlock, max: CompiledLandlock, assume: ReadonlySet<Assumption>): Proof => {
  const { wider, unproved } = proofOf('landlock', rulesetChanges(max.options, options))
  const isLooser = options.bestEffort === true && max.options.bestEffort !== true
  return {
    wider,
    unproved: [
      ...unproved, ...uncertain(options, max.options, assume),
      ...(isLooser ? [{
        kind: 'landlock' as const, place: 'bestEffort', text: 'rights that the kernel lacks are not restricted',
      }] : []),
    ],
  }
}

export const landlockKind: PolicyKind<CompiledLandlock> = {
  compile, within, changes: (before, after) => rulesetChanges(before.options, after.options),
}
