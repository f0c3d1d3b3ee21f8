/** The names in a policy, by kind: the lists of seinfo. */
import type { Component } from './components/component.ts'
import { componentKinds } from './components/index.ts'
import type { ComponentName } from './components/index.ts'
import { types } from './components/symbols.ts'
import type { PolicyView } from './view.ts'

export type NameKind = ComponentName | 'aliases' | 'permissive'

export const nameKinds: readonly NameKind[] =
  [...Object.keys(componentKinds) as ComponentName[], 'aliases', 'permissive']

const componentsOf = (view: PolicyView, kind: NameKind): Component[] => {
  if (kind === 'permissive') return types(view).filter(({ has }) => has.permissive === 'true')
  if (kind !== 'aliases') return componentKinds[kind].list(view)
  return view.policy.types.items.filter(({ properties }) => properties === 0).map(({ name, value }) =>
    ({ name, statement: `typealias ${view.names.types[value]} alias ${name};`, has: {} }))
}

const isSymbol = (kind: NameKind): boolean =>
  kind === 'aliases' || kind === 'permissive' || componentKinds[kind].isSymbol

/** Sorted names of a kind; booleans with their states, and what has no name as statements. */
export const policyNames = (view: PolicyView, kind: NameKind): string[] => {
  const stateOf = ({ has }: Component): string => has['default state'] === 'true' ? 'on' : 'off'
  return componentsOf(view, kind).map((component) => kind === 'booleans' ? `${component.name} ${stateOf(component)}`
    : isSymbol(kind) ? component.name : component.statement).sort()
}

/**
 * Sorted statements of a kind; of those only that name `about`: a symbol, a class, a number in a range of ports, the
 * type of what has a context.
 */
export const policyStatements = (view: PolicyView, kind: NameKind, about?: string): string[] =>
  componentsOf(view, kind)
    .filter(({ name, statement }) => about === undefined || mentions(name, about) || hasType(statement, about))
    .map(({ statement }) => statement).sort()

/** It ends with a context, or with two. */
const hasType = (statement: string, type: string): boolean =>
  statement.replace(/;$/, '').split(' ').some((word) => word.split(':').length > 2 && word.split(':')[2] === type)

const mentions = (name: string, about: string): boolean => {
  const words = name.split(/[ :;{}()]+/)
  const number = Number(about)
  return words.includes(about) || words.some((word) => {
    const [, low, high] = /^(\w+)-(\w+)$/.exec(word) ?? []
    return low !== undefined && Number(low) <= number && number <= Number(high)
  })
}
