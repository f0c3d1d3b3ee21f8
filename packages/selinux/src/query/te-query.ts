/** Criteria for a search of type enforcement rules. */
import { aBoolean, aString, checkOptions, either, instanceOf, listOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Conditional } from '../policydb/policydb.ts'
import { QueryError } from './errors.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { classMatcher, typeMatcher } from './match.ts'
import type { Pattern } from './match.ts'
import type { TeRuleKind } from './te-rule.ts'
import type { PolicyView } from './view.ts'

/** The criteria; a missing one matches all. Names are those of the policy. */
export interface TeRuleQuery {
  readonly kinds?: readonly TeRuleKind[]
  readonly source?: Pattern
  /** Whether a rule on an attribute is one on its types, and the other way round. So unless said. */
  readonly sourceIndirect?: boolean
  readonly target?: Pattern
  readonly targetIndirect?: boolean
  readonly classes?: readonly string[] | RegExp
  /** Any of them; all of them when `permissionsAll`; all of them and no other when `permissionsEqual`. */
  readonly permissions?: readonly string[]
  readonly permissionsAll?: boolean
  readonly permissionsEqual?: boolean
  /** The new type of a type rule, or an attribute that has it. */
  readonly result?: Pattern
  /** Only conditional rules, of conditions with any of these; with just these when `booleansEqual`. */
  readonly booleans?: readonly string[] | RegExp
  readonly booleansEqual?: boolean
  /** Extended permissions: numbers, any of which the rule has; just these when `xpermsEqual`. */
  readonly xperms?: readonly number[]
  readonly xpermsEqual?: boolean
}

const aPattern = either(aString, instanceOf(RegExp))
const namesOrPattern = either(listOf(aString), instanceOf(RegExp))

/** A question with a misspelt part would be a wider one. */
export const queryRules: OptionRules<TeRuleQuery> = {
  kinds: listOf(aString),
  source: aPattern,
  sourceIndirect: aBoolean,
  target: aPattern,
  targetIndirect: aBoolean,
  classes: namesOrPattern,
  permissions: listOf(aString),
  permissionsAll: aBoolean,
  permissionsEqual: aBoolean,
  result: aPattern,
  booleans: namesOrPattern,
  booleansEqual: aBoolean,
  xperms: listOf(wholeNumber(0)),
  xpermsEqual: aBoolean,
}

/** A query in values. */
export class Matcher {
  readonly #view: PolicyView
  readonly #query: TeRuleQuery
  readonly #kinds: ReadonlySet<TeRuleKind> | null
  readonly #source: (value: number) => boolean
  readonly #target: (value: number) => boolean
  readonly #tclass: (value: number) => boolean
  readonly #result: (value: number) => boolean
  readonly #booleans: ReadonlySet<number> | null
  readonly #xperms: ReadonlySet<number> | null
  readonly #masks = new Map<number, number>()

  constructor(view: PolicyView, query: TeRuleQuery) {
    checkOptions(query, queryRules, 'search')
    this.#view = view
    this.#query = query
    this.#kinds = query.kinds === undefined ? null : new Set(query.kinds)
    this.#source = typeMatcher(view, query.source, query.sourceIndirect)
    this.#target = typeMatcher(view, query.target, query.targetIndirect)
    this.#tclass = classMatcher(view, query.classes)
    this.#result = typeMatcher(view, query.result)
    this.#booleans = query.booleans === undefined ? null : booleansOf(view, query.booleans)
    this.#xperms = query.xperms === undefined ? null : new Set(query.xperms)
    checkPermissions(view, query)
  }

  get onlyConditional(): boolean {
    return this.#booleans !== null
  }

  pair(kind: TeRuleKind, source: number, target: number, tclass: number): boolean {
    return (this.#kinds === null || this.#kinds.has(kind)) && this.#tclass(tclass) && this.#source(source) &&
      this.#target(target)
  }

  mask(tclass: number, mask: number): boolean {
    const { permissions, permissionsAll, permissionsEqual, result } = this.#query
    if (this.#xperms !== null || result !== undefined) return false
    if (permissions === undefined) return true
    const known = this.#view.names.permissions[tclass]!
    let asked = this.#masks.get(tclass)
    if (asked === undefined) {
      asked = permissions.reduce((sum, name) => known.includes(name) ? sum | (1 << known.indexOf(name)) : sum, 0)
      this.#masks.set(tclass, asked)
    }
    if (permissionsEqual !== true && permissionsAll !== true) return (mask & asked) !== 0
    return permissions.every((name) => known.includes(name)) &&
      (permissionsAll === true ? (mask & asked) === asked : mask === asked)
  }

  extended(name: string, numbers: readonly number[]): boolean {
    const { permissions, permissionsEqual, result, xpermsEqual } = this.#query
    if (result !== undefined) return false
    if (permissions !== undefined && (!permissions.includes(name) || (permissionsEqual && permissions.length > 1))) {
      return false
    }
    if (this.#xperms === null) return true
    const isAsked = (number: number): boolean => this.#xperms!.has(number)
    return xpermsEqual ? numbers.length === this.#xperms.size && numbers.every(isAsked) : numbers.some(isAsked)
  }

  resultType(value: number): boolean {
    return this.#query.permissions === undefined && this.#xperms === null && this.#result(value)
  }

  condition({ expression }: Conditional): boolean {
    if (this.#booleans === null) return true
    const own = new Set(expression.filter(({ bool }) => bool > 0).map(({ bool }) => bool))
    const { booleans, booleansEqual } = this.#query
    if (booleansEqual !== true || booleans instanceof RegExp) return [...own].some((bool) => this.#booleans!.has(bool))
    return own.size === this.#booleans.size && [...own].every((bool) => this.#booleans!.has(bool))
  }
}

const booleansOf = (view: PolicyView, asked: readonly string[] | RegExp): Set<number> => {
  if (!(asked instanceof RegExp)) return new Set(asked.map((name) => view.boolean(name)))
  const found = view.policy.booleans.items.filter(({ name }) => asked.test(name))
  return new Set(found.map(({ value }) => value))
}

/** A permission that none of the classes has is a mistake. */
const checkPermissions = (view: PolicyView, { classes, permissions }: TeRuleQuery): void => {
  const values = Array.isArray(classes) ? (classes as readonly string[]).map((name) => view.tclass(name))
    : view.policy.classes.items.map(({ value }) => value)
  const known = new Set(values.flatMap((value) => [...view.names.permissions[value]!]))
  for (const name of permissions ?? []) {
    if (known.has(name)) continue
    const names = [...known].filter((each) => each !== undefined)
    const what = Array.isArray(classes) ? `class \`${classes.join('`, `')}\`` : 'the policy'
    throw new QueryError('unknown-name', `${what} has no permission \`${name}\``, didYouMean(name, names))
  }
}
