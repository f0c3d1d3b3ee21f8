/** Questions about policies: types, domains and labels of SELinux, two policies beside each other, rules of Smack. */
import { compileCil } from '@lsmkit/selinux/cil'
import { DomainTransitions } from '@lsmkit/selinux/flow'
import { readPolicy } from '@lsmkit/selinux/policydb'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { policyChanges, policyNames, teRuleText, TeRules } from '@lsmkit/selinux/query'
import { FileContexts } from '@lsmkit/selinux/server'
import type { Machine } from './machine.ts'
import type { PolicyAnswer, PolicyFile, PolicyQuestion, PolicyText } from './protocol.ts'
import { policySources } from './selinux-parts.ts'
import { readText } from './smack-rules.ts'

/** Rules, names and edges that an answer has at most. */
const MOST = 300

interface Known {
  readonly policy: Policydb
  readonly labels: FileContexts | null
  readonly rules: TeRules
  readonly transitions: DomainTransitions
}

/** CIL is text; a binary policy begins with its magic number. */
const isBinary = (bytes: Uint8Array): boolean => bytes[0] === 0x8c && bytes[1] === 0xff

/** A policy of texts, or one that is binary. */
type Source = readonly PolicyText[] | Uint8Array

const sourceOf = ({ name, bytes }: PolicyFile): Source =>
  isBinary(bytes) ? bytes : [{ name, text: new TextDecoder().decode(bytes) }]

/** Throws what the parsers throw, with a place. */
const known = (source: Source): Known => {
  if (source instanceof Uint8Array) return knownOf(readPolicy(source), null)
  const { policy, fileContexts } = compileCil(source, { version: 33 })
  return knownOf(policy, new FileContexts({ base: fileContexts }))
}

const knownOf = (policy: Policydb, labels: FileContexts | null): Known => {
  const rules = new TeRules(policy)
  return { policy, labels, rules, transitions: new DomainTransitions(rules.view) }
}

/** Policies that are remembered. */
const REMEMBERED = 4

/** The last that were asked about, the newest first. */
let cache: { readonly source: Source; readonly known: Known }[] = []

const remembered = (source: Source): Known => {
  const found = cache.find((one) => isSame(one.source, source)) ?? { source, known: known(source) }
  cache = [found, ...cache.filter((one) => one !== found)].slice(0, REMEMBERED)
  return found.known
}

const isSame = (one: Source, other: Source): boolean => {
  if (one instanceof Uint8Array || other instanceof Uint8Array) {
    return one instanceof Uint8Array && other instanceof Uint8Array && one.length === other.length &&
      one.every((byte, i) => byte === other[i])
  }
  return one.length === other.length &&
    one.every(({ name, text }, i) => name === other[i]!.name && text === other[i]!.text)
}

export const askPolicy = (machine: Machine, question: PolicyQuestion): PolicyAnswer => {
  const { type, path, draft, file, beside } = question
  const loaded = machine.made.selinux?.sources ?? policySources()
  const asked = remembered(file === null ? (draft ?? loaded) : sourceOf(file))
  const { labels, rules, transitions } = asked
  const other = beside !== null ? remembered(sourceOf(beside)) : draft !== null ? remembered(loaded) : null
  const names = policyNames(rules.view, 'types')
  const isKnown = names.includes(type)
  const found = isKnown ? [...around(rules, type)] : []
  return {
    types: names.filter((name) => name.includes(type)).slice(0, MOST),
    isKnown,
    rules: found.map(teRuleText).slice(0, MOST),
    ruleCount: found.length,
    edges: isKnown ? edgesOf(found) : [],
    transitions: isKnown ? [...transitions.from(type), ...transitions.to(type)].slice(0, MOST) : [],
    context: path === '' ? null : (labels?.lookup(path) ?? null),
    smack: readText(machine.quiet, '/sys/fs/smackfs/load2')
      .split('\n')
      .filter((line) => line !== ''),
    changes: other === null ? null : beside === null ? changesOf(other, asked) : changesOf(asked, other),
  }
}

const changesOf = (before: Known, after: Known): readonly string[] =>
  [...policyChanges(before.policy, after.policy)]
    .slice(0, MOST)
    .map(({ effect, words }) => `${effect === 'more' ? '+' : effect === 'less' ? '-' : '·'} ${words}`)

/** Rules that a type, or an attribute of it, is the source or the target of. */
function* around(rules: TeRules, type: string) {
  yield* rules.search({ kinds: ['allow', 'type_transition'], source: type })
  for (const rule of rules.search({ kinds: ['allow', 'type_transition'], target: type }))
    if (rule.source !== type) yield rule
}

/** One for each pair of names, with the classes that are between them. */
const edgesOf = (found: readonly { source: string; target: string; tclass: string }[]): PolicyAnswer['edges'] => {
  const pairs = new Map<string, { source: string; target: string; classes: Set<string> }>()
  for (const { source, target, tclass } of found) {
    const key = `${source} ${target}`
    const pair = pairs.get(key) ?? { source, target, classes: new Set() }
    pair.classes.add(tclass)
    pairs.set(key, pair)
  }
  return [...pairs.values()]
    .slice(0, 60)
    .map(({ source, target, classes }) => ({ source, target, label: [...classes].slice(0, 3).join(', ') }))
}
