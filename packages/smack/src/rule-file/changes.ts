/** The changes between two sets of rules, in words: by effect. A rule that built-in steps cover counts as none. */
import { ownValue } from '@lsmkit/abi'
import type { PolicyChange } from '@lsmkit/core'
import type { Label } from '../label.ts'
import { modeLetters, modesText } from '../modes.ts'
import type { Policy } from '../policy.ts'
import { queryAccess } from './explain.ts'

const words: Readonly<Record<string, string>> = {
  r: 'read', w: 'write', x: 'execute', a: 'append to', t: 'transmute directories of', l: 'lock',
}

const joined = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`

/** Modes the engine grants; transmuting is no access, the rule alone says it. */
const granted = (policy: Policy, subject: string, object: string): number => {
  const { labels, rules } = policy
  let modes = Math.max(rules.get(labels.find(subject), labels.find(object)), 0) & TRANSMUTE
  for (const [, mode] of decided) if (queryAccess(policy, { subject, object, request: mode }) !== 'deny') modes |= mode
  return modes
}

const TRANSMUTE = modeLetters.find(([letter]) => letter === 't')![1]
const decided = modeLetters.filter(([letter]) => 'rwxal'.includes(letter))

/** All pairs that one of the policies has a rule for, by subject and object. */
const pairsOf = (policies: readonly Policy[]): [subject: string, object: string][] => {
  const pairs = new Set<string>()
  for (const { labels, rules } of policies) {
    rules.each((subject: Label, object: Label) => void pairs.add(`${labels.text(subject)} ${labels.text(object)}`))
  }
  return [...pairs].sort().map((pair) => pair.split(' ') as [string, string])
}

const told = (effect: 'more' | 'less', subject: string, object: string, modes: number, rule: string): PolicyChange => {
  const verbs = modeLetters.flatMap(([letter, mode]) => ((modes & mode) === 0 ? [] : [ownValue(words, letter)!]))
  return { effect, subject: 'access', because: [rule],
    words: `${subject} may ${effect === 'more' ? 'now' : 'no longer'} ${joined(verbs)} ${object}` }
}

const ruleOf = ({ labels, rules }: Policy, subject: string, object: string): string => {
  const written = rules.get(labels.find(subject), labels.find(object))
  return written < 0 ? `no rule ${subject} ${object}` : `${subject} ${object} ${modesText(written) || '-'}`
}

/** Made while it is read. Rules that come to the same, however they are written, give nothing. */
export function* policyChanges(before: Policy, after: Policy): Generator<PolicyChange> {
  for (const [subject, object] of pairsOf([before, after])) {
    const [was, is] = [granted(before, subject, object), granted(after, subject, object)]
    const rule = ruleOf(after, subject, object)
    if ((is & ~was) !== 0) yield told('more', subject, object, is & ~was, rule)
    if ((was & ~is) !== 0) yield told('less', subject, object, was & ~is, rule)
  }
}
