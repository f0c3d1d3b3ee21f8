/** Sources and targets of a rule, pair by pair. */
import { PolicyError } from '../../policydb/errors.ts'
import { RULE_NOT_SELF, RULE_SELF, SET_ALL } from '../module.ts'
import type { ModuleRule, NameSet } from '../module.ts'
import { joined } from './text.ts'
import type { CilWriter } from './writer.ts'

const pairs = (from: readonly string[], to: readonly string[]): string[] =>
  from.flatMap((source) => to.map((target) => `${source} ${target}`))

/** Every type: a rule that names no target but `-self`, or `*`, or `~self`. */
const isEveryType = ({ flags, names, without }: NameSet): boolean =>
  without.isEmpty && ((flags & SET_ALL) !== 0 || names.isEmpty)

/**
 * Each source with each target but itself. CIL has this for all types (`notself`) and for the types of the source
 * (`other`). All else is put together of these: what is a source alone, and what is both.
 */
const pairsWithoutSelf = (out: CilWriter, sources: NameSet, targets: NameSet): string[] => {
  const from = out.typesOf(sources)
  if (isEveryType(targets)) return pairs(from, ['notself'])
  const to = out.typesOf(targets)
  const [source, target] = [joined(from), joined(to)]
  if (source === target) return [`${from.length === 1 ? from[0]! : out.typesBy(source)} other`]
  const both = out.typesBy(`(and ${source} ${target})`)
  return [
    ...pairs([out.typesBy(`(and ${source} (not ${target}))`)], to),
    ...pairs([both], [out.typesBy(`(and ${target} (not ${source}))`), 'other']),
  ]
}

/** Throws PolicyError of a rule that both names and leaves out its own source. */
export const ruleEnds = (
  out: CilWriter, { sources, targets, flags }: Pick<ModuleRule, 'sources' | 'targets' | 'flags'>,
): string[] => {
  if ((flags & RULE_NOT_SELF) === 0) return pairs(out.typesOf(sources), out.targets(targets, flags))
  if ((flags & RULE_SELF) !== 0) {
    throw new PolicyError('not-expressible', 'a rule both names and leaves out its own source')
  }
  return pairsWithoutSelf(out, sources, targets)
}
