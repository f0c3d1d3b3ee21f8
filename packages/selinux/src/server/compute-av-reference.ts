/**
 * The plain reference of compute_av: every pair of attributes looked up, rule by rule, straight from the policy's
 * arrays. `compute-av.ts` must agree with it.
 */
import { evaluateConditional } from '../policydb/conditional-guard.ts'
import { AVTAB_ALLOWED, AVTAB_AUDITALLOW, AVTAB_AUDITDENY, AVTAB_AV, AVTAB_ENABLED } from '../policydb/constants.ts'
import type { Avtab } from '../policydb/avtab.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { evaluateConstraint } from './constraint-reference.ts'
import { SecurityContext } from './context.ts'

export interface ReferenceDecision {
  allowed: number
  auditallow: number
  auditdeny: number
}

interface Rule {
  readonly kind: number
  readonly datum: number
}

const keyOf = (source: number, target: number, tclass: number): string => `${source} ${target} ${tclass}`

export class ReferencePolicy {
  readonly #db: Policydb
  readonly #rules = new Map<string, Rule[]>()

  /** `booleans`: states by value; those of the policy where nothing is said. */
  constructor(db: Policydb, booleans: ReadonlyMap<number, boolean> = new Map()) {
    this.#db = db
    const state = (value: number): boolean =>
      booleans.get(value) ?? db.booleans.items.find((item) => item.value === value)?.state ?? false
    this.#take(db.avtab)
    for (const { expression, whenTrue, whenFalse } of db.conditionals) {
      this.#take(evaluateConditional(expression, state) ? whenTrue : whenFalse)
    }
  }

  #take(rules: Avtab): void {
    for (let i = 0; i < rules.length; i++) {
      const kind = rules.specified[i]! & ~AVTAB_ENABLED
      if ((kind & AVTAB_AV) === 0) continue
      const key = keyOf(rules.source[i]!, rules.target[i]!, rules.tclass[i]!)
      const rule = { kind, datum: rules.datum[i]! }
      const known = this.#rules.get(key)
      if (known === undefined) this.#rules.set(key, [rule])
      else known.push(rule)
    }
  }

  #withAttributes(type: number): Set<number> {
    return new Set([type, ...[...this.#db.typeAttributes[type - 1]!].map((bit) => bit + 1)])
  }

  #boundOf(type: number): number {
    return this.#db.types.items.find(({ value, properties }) => value === type && properties !== 0)?.bounds ?? 0
  }

  compute(source: SecurityContext, target: SecurityContext, tclass: number): ReferenceDecision {
    const out: ReferenceDecision = { allowed: 0, auditallow: 0, auditdeny: -1 }
    const item = this.#db.classes.items.find(({ value }) => value === tclass)
    if (item === undefined) return out
    for (const a of this.#withAttributes(source.type)) {
      for (const b of this.#withAttributes(target.type)) {
        for (const { kind, datum } of this.#rules.get(keyOf(a, b, tclass)) ?? []) {
          if (kind === AVTAB_ALLOWED) out.allowed |= datum
          if (kind === AVTAB_AUDITALLOW) out.auditallow |= datum
          if (kind === AVTAB_AUDITDENY) out.auditdeny &= datum
        }
      }
    }
    for (const { permissions, expression } of item.constraints) {
      if (!evaluateConstraint(expression, this.#db.roles.items, source, target, null)) out.allowed &= ~permissions
    }
    if (item.name === 'process' && source.role !== target.role) {
      const allowed = this.#db.roleAllows.some(({ role, newRole }) => role === source.role && newRole === target.role)
      const common = this.#db.commons.items.find(({ name }) => name === item.common)
      for (const { name, value } of [...(common?.permissions.items ?? []), ...item.permissions.items]) {
        if (!allowed && (name === 'transition' || name === 'dyntransition')) out.allowed &= ~(1 << (value - 1))
      }
    }
    const bound = this.#boundOf(source.type)
    if (bound !== 0) {
      const low = new SecurityContext(source.user, source.role, bound, source.low, source.high)
      const { user, role, type } = target
      const object = new SecurityContext(user, role, this.#boundOf(type) || type, target.low, target.high)
      out.allowed &= this.compute(low, object, tclass).allowed
    }
    return out
  }
}
