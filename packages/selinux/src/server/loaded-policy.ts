/** A policy made ready to decide: names to values, rules by what they are asked for, constraints compiled. */
import { evaluateConditional } from '../policydb/conditional-guard.ts'
import { OBJECT_R_VAL, policycapNames, TYPE_ATTRIBUTE } from '../policydb/constants.ts'
import type { Ebitmap } from '../policydb/ebitmap.ts'
import { PolicyError } from '../policydb/errors.ts'
import { PolicyNames } from '../policydb/names.ts'
import type { Context, ObjectClass, Policydb, User } from '../policydb/policydb.ts'
import { AvIndex } from './av-index.ts'
import { ConstraintProgram } from './constraint-program.ts'
import { SecurityContext } from './context.ts'
import { dominates, LevelTable } from './levels.ts'
import type { MlsLevel, MlsRange } from './levels.ts'
import { NameTransitions } from './name-transitions.ts'
import { TripleTable } from './triple-table.ts'
import { TypeRules } from './type-rules.ts'
import { TypeTable } from './type-table.ts'
import { XpermIndex } from './xperm-index.ts'

/** A class: what constrains it, by permission mask and entry of the program. */
export interface LoadedClass {
  readonly item: ObjectClass
  readonly masks: Int32Array
  readonly entries: Int32Array
  readonly validatetrans: Int32Array
}

const values = (items: readonly { readonly name: string; readonly value: number }[]): Map<string, number> => {
  const map = new Map<string, number>()
  for (const { name, value } of items) map.set(name, value)
  return map
}

/** Of the many classes without constraints. */
const NO_WORDS = new Int32Array()

export class LoadedPolicy {
  readonly db: Policydb
  readonly mls: boolean
  readonly names: PolicyNames
  readonly users: ReadonlyMap<string, number>
  readonly roles: ReadonlyMap<string, number>
  /** Types and their aliases, no attributes. */
  readonly types: ReadonlyMap<string, number>
  readonly sensitivities: ReadonlyMap<string, number>
  readonly categories: ReadonlyMap<string, number>
  readonly classes: ReadonlyMap<string, number>
  readonly levels = new LevelTable()
  readonly constraints: ConstraintProgram
  /** By value. */
  readonly classOf: readonly (LoadedClass | undefined)[]
  readonly bounds: Uint16Array
  readonly av: AvIndex
  readonly xperms: XpermIndex
  readonly typeRules: TypeRules
  /** Class process, and the mask of its transition and dyntransition; 0 if it has none. */
  readonly process: number
  readonly processTransitions: number
  readonly policycaps: ReadonlySet<string>
  /** States of the booleans by value, and of the conditionals by place: 0 or 1. */
  readonly booleans: Uint8Array
  readonly states: Uint8Array
  readonly #roleAllows = new TripleTable()
  readonly #roleTransitions = new TripleTable()
  readonly #rangeTransitions = new TripleTable()
  readonly #nameTransitions: NameTransitions
  readonly #roleTypes: (Ebitmap | undefined)[] = []
  readonly #userOf: (User | undefined)[] = []
  readonly #userRanges: (MlsRange | undefined)[] = []
  readonly #allowedCats: (Ebitmap | undefined)[] = []

  /** Throws PolicyError for what no decision could be taken from. */
  constructor(db: Policydb) {
    this.db = db
    this.mls = db.mls
    this.names = new PolicyNames(db)
    this.users = values(db.users.items)
    this.roles = values(db.roles.items)
    this.types = values(db.types.items.filter(({ properties }) => (properties & TYPE_ATTRIBUTE) === 0))
    this.sensitivities = new Map(db.sensitivities.items.map(({ name, level }) => [name, level.sens]))
    this.categories = values(db.categories.items)
    this.classes = values(db.classes.items)
    for (const { value, types } of db.roles.items) this.#roleTypes[value] = types
    for (const user of db.users.items) this.#userOf[user.value] = user
    for (const { level } of db.sensitivities.items) this.#allowedCats[level.sens] ??= level.cats
    const dominatesOf: (Ebitmap | undefined)[] = []
    for (const role of db.roles.items) dominatesOf[role.value] = role.dominates
    this.constraints = new ConstraintProgram(dominatesOf)
    const classOf: LoadedClass[] = []
    for (const item of db.classes.items) classOf[item.value] = this.#loadClass(item)
    this.classOf = classOf
    this.bounds = new Uint16Array(db.types.nprim + 1)
    for (const { value, properties, bounds } of db.types.items) if (properties !== 0) this.bounds[value] = bounds
    const types = new TypeTable(db)
    this.av = new AvIndex(db, types)
    this.xperms = new XpermIndex(db, types)
    this.typeRules = new TypeRules(db)
    this.#loadTransitions()
    this.#nameTransitions = new NameTransitions(db.filenameTransitions)
    this.process = this.classes.get('process') ?? 0
    const transitions = this.names.permissions[this.process] ?? []
    const bit = (name: string): number => (transitions.includes(name) ? 1 << transitions.indexOf(name) : 0)
    this.processTransitions = bit('transition') | bit('dyntransition')
    this.policycaps = new Set([...db.policycaps].map((at) => policycapNames[at] ?? `#${at}`))
    this.booleans = new Uint8Array(db.booleans.nprim + 1)
    for (const { value, state } of db.booleans.items) this.booleans[value] = state ? 1 : 0
    this.states = new Uint8Array(db.conditionals.length)
    this.evaluateConditionals()
  }

  #loadClass(item: ObjectClass): LoadedClass {
    const add = (constraint: { readonly expression: ObjectClass['constraints'][number]['expression'] }): number =>
      this.constraints.add(constraint.expression)
    const words = <T>(items: readonly T[], word: (item: T) => number): Int32Array =>
      items.length === 0 ? NO_WORDS : Int32Array.from(items, word)
    return {
      item,
      masks: words(item.constraints, ({ permissions }) => permissions | 0),
      entries: words(item.constraints, add),
      validatetrans: words(item.validatetrans, add),
    }
  }

  #loadTransitions(): void {
    const { db } = this
    for (const { role, newRole } of db.roleAllows) this.#roleAllows.set(role, newRole, 1, 0, 1)
    for (const { role, type, tclass, newRole } of db.roleTransitions) {
      if (tclass === 0) continue
      if (this.#roleTransitions.set(role, type, tclass, 0, newRole) !== 0) {
        throw new PolicyError('duplicate', 'a role transition is there twice')
      }
    }
    for (const [i, { source, target, tclass }] of db.rangeTransitions.entries()) {
      if (tclass !== 0) this.#rangeTransitions.set(source, target, tclass, 0, i + 1)
    }
  }

  /** Works the state of every conditional out anew, and enables its rules accordingly. */
  evaluateConditionals(): void {
    for (const [i, { expression }] of this.db.conditionals.entries()) {
      this.states[i] = evaluateConditional(expression, (value) => this.booleans[value] === 1) ? 1 : 0
    }
    this.av.enable(this.states)
  }

  mayChangeRole(from: number, to: number): boolean {
    return this.#roleAllows.get(from, to, 1) !== 0
  }

  /** The new role, 0 of none. */
  roleTransition(role: number, type: number, tclass: number): number {
    return this.#roleTransitions.get(role, type, tclass)
  }

  rangeTransition(source: number, target: number, tclass: number): MlsRange | null {
    const at = this.#rangeTransitions.get(source, target, tclass)
    return at === 0 ? null : this.levels.range(this.db.rangeTransitions[at - 1]!.range)
  }

  /** The type of a new object of this name, 0 of none. */
  nameTransition(source: number, target: number, tclass: number, name: string): number {
    return this.#nameTransitions.find(source, target, tclass, name)
  }

  /** A context of the policy file. */
  context({ user, role, type, range }: Context): SecurityContext {
    const { low, high } = this.mls ? this.levels.range(range) : { low: this.levels.none, high: this.levels.none }
    return new SecurityContext(user, role, type, low, high)
  }

  user(value: number): User | undefined {
    return this.#userOf[value]
  }

  userRange(value: number): MlsRange {
    return (this.#userRanges[value] ??= this.levels.range(this.#userOf[value]!.range))
  }

  #isLevelValid({ sens, cats }: MlsLevel): boolean {
    return this.#allowedCats[sens]?.contains(cats) ?? false
  }

  /** As policydb_context_isvalid: who may be in which role of which type, at which levels. */
  isValid({ user, role, type, low, high }: SecurityContext): boolean {
    const owner = this.#userOf[user]
    const members = this.#roleTypes[role]
    if (owner === undefined || members === undefined || this.names.types[type] === undefined) return false
    if (role !== OBJECT_R_VAL && !(members.has(type - 1) && owner.roles.has(role - 1))) return false
    if (!this.mls) return true
    if (!dominates(high, low) || !this.#isLevelValid(low) || (low !== high && !this.#isLevelValid(high))) return false
    if (role === OBJECT_R_VAL) return true
    const range = this.userRange(user)
    return dominates(low, range.low) && dominates(range.high, high)
  }
}
