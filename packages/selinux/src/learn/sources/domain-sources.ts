/** A learned domain as the sources of a module of the reference policy: `.te`, `.if` and `.fc`. */
import type { TeRules } from '../../query/te-rules.ts'
import type { InterfaceGrants } from '../../source/outline/grants.ts'
import { labelLines } from '../domain.ts'
import type { LearnedDomain } from '../domain.ts'
import { answerWithInterfaces } from '../interfaces/interface-calls.ts'
import type { InterfaceCall } from '../interfaces/interface-calls.ts'
import type { LearnedRule } from '../learn.ts'
import { domainIf } from './domain-if.ts'
import { domainTe } from './domain-te.ts'
import { declaringCalls } from './place-interfaces.ts'

export interface DomainSources {
  readonly te: string
  readonly if: string
  readonly fc: string
  /** Calls that stand for rules of the domain. */
  readonly calls: readonly InterfaceCall[]
  /** Rules that no interface stands for without allowing far more. */
  readonly rest: readonly LearnedRule[]
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['file', '--'], ['dir', '-d'], ['symlink', '-l'], ['socket', '-s'], ['pipe', '-p'], ['any', ''],
])

/** m4 reads the file: its quotes, its comments and spaces cannot stand in a path. Any one character matches there. */
const fcPattern = (pattern: string): string => pattern.replace(/[\s`'#,]/g, '.')

const domainFc = (learned: LearnedDomain): string => labelLines(learned).map(({ pattern, kind, type }) => {
  const { context: { user, level } } = learned
  return `${[fcPattern(pattern), KINDS.get(kind)!].filter((part) => part !== '').join('\t')}\t` +
    `gen_context(${user}:object_r:${type},${level})\n`
}).join('')

/**
 * The sources of a domain that `learnDomain` gave. `all` is what the interfaces of the policy's headers allow: those
 * that declare types are called by their names of the reference policy, and each rule becomes the call that allows
 * the least besides. Without a policy, rules stay rules.
 */
export const domainSources = (
  learned: LearnedDomain, policy: TeRules | null, all: readonly InterfaceGrants[],
): DomainSources => {
  const known = new Set(all.map(({ name }) => name))
  const { rules } = learned
  const answered = policy === null ? { calls: [], rest: rules }
    : answerWithInterfaces(rules, policy, all, { given: declaringCalls(learned, known) })
  return {
    te: domainTe(learned, { known, view: policy?.view ?? null }, answered), if: domainIf(learned, known),
    fc: domainFc(learned), ...answered,
  }
}
