/** Contexts of a policy from their texts, as values; a name that the policy does not have is an error with a place. */
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { TYPE_ATTRIBUTE } from '../../policydb/constants.ts'
import { Ebitmap } from '../../policydb/ebitmap.ts'
import type { Context, Level, Policydb, Range } from '../../policydb/policydb.ts'
import { LabelsError } from '../errors.ts'

type Values = ReadonlyMap<string, number>

const OBJECT_R = 'object_r'
const DEFAULT_RANGE = 's0'
const none: Level = { sens: 0, cats: Ebitmap.empty }

const valued = (items: readonly { name: string; value: number }[]): Values =>
  new Map(items.map(({ name, value }) => [name, value]))

export class ContextReader {
  readonly #policy: Policydb
  readonly #users: Values
  readonly #roles: Values
  readonly #types: Values
  readonly #sensitivities: Values
  readonly #categories: Values

  constructor(policy: Policydb) {
    this.#policy = policy
    this.#users = valued(policy.users.items)
    this.#roles = valued(policy.roles.items)
    this.#types = valued(policy.types.items.filter(({ properties }) => (properties & TYPE_ATTRIBUTE) === 0))
    this.#sensitivities = new Map(policy.sensitivities.items.map(({ name, level }) => [name, level.sens]))
    this.#categories = valued(policy.categories.items)
  }

  type(name: string, place: string): number {
    return found(this.#types, name, 'type', place)
  }

  role(name: string, place: string): number {
    return found(this.#roles, name, 'role', place)
  }

  /** `s0:c1,c3.c5`. */
  level(text: string, place: string): Level {
    const colon = text.indexOf(':')
    const sens = found(this.#sensitivities, colon < 0 ? text : text.slice(0, colon), 'sensitivity', place)
    const bits: number[] = []
    for (const part of colon < 0 ? [] : text.slice(colon + 1).split(',')) {
      const [first = '', last] = part.split('.')
      const from = found(this.#categories, first, 'category', place)
      const to = last === undefined ? from : found(this.#categories, last, 'category', place)
      if (to < from) throw new LabelsError('bad-range', `\`${part}\` does not ascend`, place)
      for (let value = from; value <= to; value++) bits.push(value - 1)
    }
    return { sens, cats: Ebitmap.of(bits) }
  }

  /** `LOW` or `LOW-HIGH`; the high end has to contain the low one. */
  range(text: string, place: string): Range {
    const dash = text.indexOf('-')
    const low = this.level(dash < 0 ? text : text.slice(0, dash), place)
    const high = dash < 0 ? low : this.level(text.slice(dash + 1), place)
    if (high.sens >= low.sens && high.cats.contains(low.cats)) return { low, high }
    throw new LabelsError('bad-range', `the high end of \`${text}\` does not contain the low one`, place)
  }

  /** A range that the policy does not have is dropped, one that is missing is `s0`, as semanage does. */
  context(text: string, place: string): Context {
    const [user = '', role = '', type = '', ...range] = text.split(':')
    if (type === '') {
      throw new LabelsError('bad-context', `\`${text}\` is not a context`, place, 'USER:ROLE:TYPE[:RANGE]')
    }
    const context: Context = {
      user: found(this.#users, user, 'SELinux user', place),
      role: this.role(role, place),
      type: this.type(type, place),
      range: this.#policy.mls ? this.range(range.join(':') || DEFAULT_RANGE, place) : { low: none, high: none },
    }
    if (role !== OBJECT_R) this.#checkRole(text, context, place)
    return context
  }

  #checkRole(text: string, { user, role, type }: Context, place: string): void {
    const owner = this.#policy.users.items.find(({ value }) => value === user)!
    const held = this.#policy.roles.items.find(({ value }) => value === role)!
    if (owner.roles.has(role - 1) && held.types.has(type - 1)) return
    throw new LabelsError('bad-context', `\`${text}\` is not valid: its user, role and type do not go together`, place)
  }
}

const found = (table: Values, name: string, kind: string, place: string): number => {
  const value = table.get(name)
  if (value !== undefined) return value
  throw new LabelsError('unknown-name', `the policy has no ${kind} \`${name}\``, place, didYouMean(name, table.keys()))
}
