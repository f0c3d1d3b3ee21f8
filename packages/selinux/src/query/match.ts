/** Names as questions have them, and which types, roles and classes they mean. */
import { intersects, list } from '../bits.ts'
import { QueryError } from './errors.ts'
import type { PolicyView } from './view.ts'

/** A name of the policy, or an expression that some part of the name matches. */
export type Pattern = string | RegExp

type Values = (value: number) => boolean

const everything: Values = () => true

/**
 * Whether a type or attribute is meant. Indirectly one is that has a type in common with the one asked for, or has a
 * type that the expression matches; directly the name itself counts.
 */
export const typeMatcher = (view: PolicyView, asked: Pattern | undefined, indirect = true): Values => {
  if (asked === undefined) return everything
  const name = (value: number): string => view.names.types[value] ?? ''
  if (typeof asked !== 'string') {
    const isNamed: Values = (value) => asked.test(name(value))
    return once(view.policy.types, indirect ? (value) => list(view.members(value)).some(isNamed) : isNamed)
  }
  const wanted = view.type(asked)
  if (!indirect) return (value) => value === wanted
  const types = view.members(wanted)
  return once(view.policy.types, (value) => intersects(types, view.members(value)))
}

export const roleMatcher = (view: PolicyView, asked: Pattern | undefined): Values => {
  if (asked === undefined) return everything
  if (typeof asked !== 'string') return (value) => asked.test(view.names.roles[value] ?? '')
  const wanted = view.role(asked)
  return (value) => value === wanted
}

export const classMatcher = (view: PolicyView, asked: readonly string[] | RegExp | undefined): Values => {
  if (asked === undefined) return everything
  if (asked instanceof RegExp) return once(view.policy.classes, (value) => asked.test(view.names.classes[value] ?? ''))
  const wanted = new Set(asked.map((name) => view.tclass(name)))
  return (value) => wanted.has(value)
}

/** Each value of a table of symbols is worked out once. */
const once = ({ nprim }: { readonly nprim: number }, matches: Values): Values => {
  const known = new Int8Array(nprim + 1)
  return (value) => {
    if (known[value] === 0) known[value] = matches(value) ? 1 : -1
    return known[value] === 1
  }
}

/** `/…/` is an expression, all else a name. */
export const patternOf = (text: string): Pattern => {
  const [, source] = /^\/(.*)\/$/.exec(text) ?? []
  if (source === undefined) return text
  try {
    return new RegExp(source)
  } catch {
    throw new QueryError('bad-value', `\`${text}\` is not a regular expression`)
  }
}
