/** Checks between symbols, once all tables are read: references, values, bounds. */
import type { ByteReader } from './byte-reader.ts'
import type { ObjectClass, PolicySymbols } from './policydb.ts'
import { checkRange } from './read-mls.ts'
import type { Limits } from './read-mls.ts'
import { isPlainType } from './read-symbols.ts'
import type { Offsets } from './read-symbols.ts'
import { CEXPR_ROLE, CEXPR_USER } from './constants.ts'
import type { Ebitmap } from './ebitmap.ts'

/** As POLICYDB_BOUNDS_MAXDEPTH: longer chains, and rings, are refused. */
const BOUNDS_DEPTH = 4

interface Valued {
  readonly name: string
  readonly value: number
}

/** Throws where two records have one value; `isAlias` says which do not count. Answers the records by value. */
const byValue = <T extends Valued>(
  r: ByteReader, what: string, items: readonly T[], offsets: readonly number[],
  isAlias: (item: T) => boolean = () => false,
): (T | undefined)[] => {
  const known: (T | undefined)[] = []
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!
    if (isAlias(item)) continue
    const other = known[item.value]
    if (other !== undefined) {
      r.fail('duplicate', `${what} \`${item.name}\` has the value of \`${other.name}\``, null, offsets[i]!)
    }
    known[item.value] = item
  }
  return known
}

const checkBounds = <T extends Valued & { readonly bounds: number }>(
  r: ByteReader, what: string, known: readonly (T | undefined)[], item: T, at: number, within: (bound: T) => boolean,
): void => {
  let bounds = item.bounds
  for (let depth = 0; bounds !== 0; depth++) {
    if (depth === BOUNDS_DEPTH) {
      r.fail('bad-value', `the bounds of ${what} \`${item.name}\` are too deep or go round`, null, at)
    }
    const bound: T | undefined = known[bounds]
    if (bound === undefined) {
      return r.fail('bad-reference', `${what} \`${item.name}\` is bounded by ${bounds}`, null, at)
    }
    if (!within(bound)) {
      r.fail('bad-value', `${what} \`${item.name}\` exceeds what bounds it, \`${bound.name}\``, null, at)
    }
    bounds = bound.bounds
  }
}

const checkNames = (
  r: ByteReader, { name, constraints, validatetrans }: ObjectClass, limits: Limits, at: number,
): void => {
  const check = (set: Ebitmap, nprim: number): void => {
    if (set.max >= nprim) r.fail('bad-reference', `a constraint of \`${name}\` names value ${set.max + 1}`, null, at)
  }
  for (const { expression } of [...constraints, ...validatetrans]) {
    for (const { attribute, names } of expression) {
      if (names === null) continue
      check(names, attribute & CEXPR_USER ? limits.users : attribute & CEXPR_ROLE ? limits.roles : limits.types)
    }
  }
}

export const checkSymbols = (
  r: ByteReader, symbols: PolicySymbols, offsets: Offsets, limits: Limits, mls: boolean,
): void => {
  const { commons, classes, roles, types, users, booleans, sensitivities, categories } = symbols
  byValue(r, 'common', commons.items, offsets.commons)
  byValue(r, 'class', classes.items, offsets.classes)
  byValue(r, 'boolean', booleans.items, offsets.booleans)
  byValue(r, 'category', categories.items, offsets.categories, ({ isAlias }) => isAlias)
  const knownRoles = byValue(r, 'role', roles.items, offsets.roles)
  const knownUsers = byValue(r, 'user', users.items, offsets.users)
  const knownTypes = byValue(r, 'type', types.items, offsets.types, ({ properties }) => properties === 0)
  for (const [i, item] of classes.items.entries()) checkNames(r, item, limits, offsets.classes[i]!)
  for (const [i, role] of roles.items.entries()) {
    const at = offsets.roles[i]!
    if (role.types.max >= limits.types) {
      r.fail('bad-reference', `role \`${role.name}\`: type ${role.types.max + 1}`, null, at)
    }
    checkBounds(r, 'role', knownRoles, role, at, (bound) => bound.types.contains(role.types))
  }
  for (let i = 0; i < types.items.length; i++) {
    const type = types.items[i]!
    if (type.bounds !== 0 && type.properties !== 0) {
      checkBounds(r, 'type', knownTypes, type, offsets.types[i]!, isPlainType)
    }
  }
  const levels = new Set<number>()
  for (const [i, { name, isAlias, level }] of sensitivities.items.entries()) {
    const at = offsets.sensitivities[i]!
    const { sens, cats } = level
    if (sens < 1 || sens > sensitivities.nprim) {
      r.fail('bad-value', `sensitivity \`${name}\` has value ${sens}`, null, at)
    }
    if (cats.max >= limits.categories) {
      r.fail('bad-reference', `sensitivity \`${name}\`: category ${cats.max + 1}`, null, at)
    }
    if (isAlias) continue
    if (levels.has(sens)) r.fail('duplicate', `sensitivity \`${name}\` has the value of another`, null, at)
    levels.add(sens)
  }
  for (const [i, user] of users.items.entries()) {
    const at = offsets.users[i]!
    if (user.roles.max >= limits.roles) {
      r.fail('bad-reference', `user \`${user.name}\`: role ${user.roles.max + 1}`, null, at)
    }
    checkRange(r, user.range, mls, limits, `range of user \`${user.name}\``, at)
    const level = { low: user.defaultLevel, high: user.defaultLevel }
    checkRange(r, level, mls, limits, `level of user \`${user.name}\``, at)
    checkBounds(r, 'user', knownUsers, user, at, (bound) => bound.roles.contains(user.roles))
  }
}
