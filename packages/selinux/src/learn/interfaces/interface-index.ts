/** Interfaces by the types that they name, and their calls: arguments that make one allow what is wanted. */
import type { GrantedAccess, InterfaceGrants, NeededName } from '../../source/outline/grants.ts'
import type { PolicyView } from '../../query/view.ts'
import type { WantedAccess } from '../advice.ts'
import type { AccessBlock, AccessCounter } from './access-counter.ts'

/** An interface with its arguments. */
export interface Call {
  readonly grants: InterfaceGrants
  readonly words: readonly string[]
  /** The interface names the target itself: another one is about an attribute or an argument, and fits by chance. */
  readonly isNamed: boolean
}

const isArgument = (name: string): boolean => name.startsWith('$')

/** A target that any type may be: looked at for every rule. */
const ANY = ''

export class InterfaceIndex {
  readonly #counter: AccessCounter
  /** By type, attribute or class of a target; with ANY for arguments. */
  readonly #byTarget = new Map<string, Set<InterfaceGrants>>()

  constructor(counter: AccessCounter, all: readonly InterfaceGrants[]) {
    this.#counter = counter
    for (const grants of all) {
      if (grants.doesMore || !hasAll(counter, grants.needs, grants.parameters)) continue
      for (const { targets, sources } of grants.accesses) {
        for (const target of targets) this.#add(target === 'self' ? sources : [target], grants)
      }
    }
  }

  #add(targets: readonly string[], grants: InterfaceGrants): void {
    for (const target of targets) {
      const key = isArgument(target) ? ANY : target
      const known = this.#byTarget.get(key)
      if (known === undefined) this.#byTarget.set(key, new Set([grants]))
      else known.add(grants)
    }
  }

  /** Calls that may allow it, each once. Whether one allows all of it is to be seen. */
  *callsFor(wanted: WantedAccess): Generator<Call> {
    const target = wanted.target === 'self' ? wanted.source : wanted.target
    const seen = new Set<string>()
    for (const name of [target, ...attributesOf(this.#counter.view, target), ANY]) {
      for (const grants of this.#byTarget.get(name) ?? []) {
        for (const words of argumentsFor(grants, { ...wanted, target }, this.#counter)) {
          const key = `${grants.name} ${words.join(' ')}`
          if (seen.has(key)) continue
          seen.add(key)
          yield { grants, words, isNamed: name === target && !words.includes(target) }
        }
      }
    }
  }
}

const attributesOf = (view: PolicyView, type: string): string[] => {
  if (!view.hasType(type)) return []
  const names: string[] = []
  view.policy.typeAttributes[view.type(type) - 1]?.forEach((bit) => {
    const name = view.names.types[bit + 1]
    if (name !== undefined && name !== type) names.push(name)
  })
  return names
}

/** Attributes that no rule names are not in a policy: one that is missing is no sign of anything. */
const hasAll = (counter: AccessCounter, needs: readonly NeededName[], parameters: number): boolean =>
  needs.every(({ kind, name }) => {
    if (isArgument(name)) return Number(name.slice(1)) <= parameters && (kind === 'type' || kind === 'attribute')
    if (kind === 'type') return counter.view.hasType(name) || counter.isNew(name)
    if (kind === 'bool' || kind === 'tunable') return hasItem(counter.view.policy.booleans.items, name)
    return kind !== 'role' || hasItem(counter.view.policy.roles.items, name)
  })

const hasItem = (items: readonly { readonly name: string }[], wanted: string): boolean =>
  items.some(({ name }) => name === wanted)

/** Arguments with which an access of the interface allows these types some of what is wanted. */
const argumentsFor = (
  { accesses, parameters }: InterfaceGrants, wanted: Required<WantedAccess>, counter: AccessCounter,
): string[][] => accesses.flatMap((access) => {
  if (access.isConditional || access.isLess || !allowsSome(access, wanted)) return []
  const bound = new Map<string, string>()
  const fits = bind(access.sources, wanted.source, bound, counter) &&
    bindTarget(access, wanted, bound, counter) && bind(access.classes, wanted.tclass, bound, null)
  if (!fits || bound.size !== parameters) return []
  const words = Array.from({ length: parameters }, (_, i) => bound.get(`$${i + 1}`))
  return words.every((word) => word !== undefined) ? [words] : []
})

const allowsSome = ({ permissions: allowed }: GrantedAccess, { permissions }: WantedAccess): boolean =>
  allowed.includes('*') || permissions.some((permission) => allowed.includes(permission))

const bindTarget = (
  { targets }: GrantedAccess, { source, target }: WantedAccess, bound: Map<string, string>, counter: AccessCounter,
): boolean => source === target && targets.includes('self') || bind(targets, target, bound, counter)

/** Does one of the names stand for what is wanted? An argument is bound to it. */
const bind = (
  names: readonly string[], wanted: string, bound: Map<string, string>, counter: AccessCounter | null,
): boolean => {
  if (names.includes(wanted)) return true
  const argument = names.find((name) => isArgument(name) && (bound.get(name) ?? wanted) === wanted)
  if (argument !== undefined) {
    bound.set(argument, wanted)
    return true
  }
  if (counter === null) return false
  const [value] = counter.values(wanted)
  return value !== undefined && names.some((name) => !isArgument(name) && counter.values(name).includes(value))
}

/** The accesses of a call: certain ones, and those behind booleans, with exceptions, or by attributes. */
export interface CallBlocks {
  readonly certain: readonly AccessBlock[]
  readonly possible: readonly AccessBlock[]
}

const namedBy = ({ words }: Call) => (name: string): string =>
  isArgument(name) ? words[Number(name.slice(1)) - 1] ?? name : name

const holds = (
  needs: readonly NeededName[], named: (name: string) => string, { parameters }: InterfaceGrants,
  counter: AccessCounter,
): boolean => hasAll(counter, needs.map(({ kind, name }) => ({ kind, name: named(name) })), parameters)

/** The transitions of a call in values of the policy. */
export const transitionsOfCall = (
  call: Call, counter: AccessCounter,
): { readonly sources: readonly number[]; readonly programs: readonly number[] }[] => {
  const named = namedBy(call)
  const valuesOf = (names: readonly string[]): number[] => names.flatMap((name) => counter.values(named(name)))
  return call.grants.transitions.filter(({ needs }) => holds(needs, named, call.grants, counter))
    .map(({ sources, programs }) => ({ sources: valuesOf(sources), programs: valuesOf(programs) }))
}

export const blocksOfCall = (call: Call, counter: AccessCounter): CallBlocks => {
  const { grants } = call
  const named = namedBy(call)
  const certain: AccessBlock[] = []
  const possible: AccessBlock[] = []
  for (const access of grants.accesses) {
    if (!holds(access.needs, named, grants, counter)) continue
    const into = access.isConditional || access.isLess ? possible : certain
    into.push(...blocksOfAccess(access, named, counter))
  }
  for (const { type, attributes } of grants.attributes) {
    for (const value of counter.values(named(type))) {
      for (const name of attributes) possible.push(...counter.blocksOf(value, named(name)))
    }
  }
  return { certain, possible }
}

const blocksOfAccess = (
  access: GrantedAccess, named: (name: string) => string, counter: AccessCounter,
): AccessBlock[] => {
  const { view } = counter
  const valuesOf = (names: readonly string[]): number[] =>
    [...new Set(names.flatMap((name) => counter.values(named(name))))]
  const sources = valuesOf(access.sources)
  const targets = valuesOf(access.targets)
  return access.classes.flatMap((written) => {
    const name = named(written)
    if (!view.hasClass(name)) return []
    const tclass = view.tclass(name)
    const mask = maskOf(view, tclass, access.permissions)
    return [
      ...(targets.length > 0 ? [{ sources, targets, tclass, mask }] : []),
      ...(access.targets.includes('self') ? [{ sources, targets: null, tclass, mask }] : []),
    ]
  })
}

/** Permissions that the class of this policy does not have are nothing. */
const maskOf = ({ names }: PolicyView, tclass: number, permissions: readonly string[]): number => {
  const known = names.permissions[tclass] ?? []
  return known.reduce<number>((mask, name, bit) =>
    name !== undefined && (permissions.includes('*') || permissions.includes(name)) ? mask | (1 << bit) : mask, 0)
}
