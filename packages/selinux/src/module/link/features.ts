/**
 * Features that compilers write out type by type, whatever attribute the source names: rules on `self`, results of
 * transitions, the types of roles. Each has the set of types that have it.
 */
import { setBit } from '../../bits.ts'
import type { Bits } from '../../bits.ts'
import type { Avtab } from '../../policydb/avtab.ts'
import {
  AVTAB_ALLOWED, AVTAB_AUDITALLOW, AVTAB_AUDITDENY, AVTAB_AV, AVTAB_CHANGE, AVTAB_ENABLED, AVTAB_MEMBER,
  AVTAB_TRANSITION, AVTAB_TYPE,
} from '../../policydb/constants.ts'
import { PolicyNames } from '../../policydb/names.ts'
import type { Policydb } from '../../policydb/policydb.ts'
import type { CilWriter } from '../cil/writer.ts'
import { conditionText } from '../cil/rules.ts'
import { rangeText, writtenLevel } from '../cil/contexts.ts'
import { quoted } from '../cil/text.ts'
import type { Members } from './members.ts'

export interface Feature {
  readonly holders: Bits
  /** The statement for another type. */
  readonly cil: (type: string) => string
  /** Of a rule on `self` that allows: where rules on attributes may say the same. */
  readonly self: { readonly tclass: number; readonly bit: number } | null
  /** Of a result of two types: equal for all pairs of the same result, and which of the two the holders are. */
  readonly pair: {
    readonly key: string; readonly side: 'of' | 'to'; readonly other: number
    readonly cil: (source: string, target: string) => string,
  } | null
  /** Many types have it for themselves: a rule on `self`, a role. */
  readonly isOwn: boolean
}

/** The kind of a feature: a rule on `self`, a role, or a result of two types. */
type FeatureKind = Partial<Pick<Feature, 'self' | 'pair' | 'isOwn'>>

const avWords: Readonly<Record<number, string>> =
  { [AVTAB_ALLOWED]: 'allow', [AVTAB_AUDITALLOW]: 'auditallow', [AVTAB_AUDITDENY]: 'dontaudit' }
const typeWords: Readonly<Record<number, string>> =
  { [AVTAB_TRANSITION]: 'typetransition', [AVTAB_MEMBER]: 'typemember', [AVTAB_CHANGE]: 'typechange' }

export class Features {
  readonly #members: Members
  readonly #names: PolicyNames
  readonly #found = new Map<string, Feature>()

  constructor(members: Members, out: CilWriter) {
    this.#members = members
    this.#names = new PolicyNames(members.policy)
    const { policy } = members
    this.#table(policy.avtab, null)
    for (const { expression, whenTrue, whenFalse } of policy.conditionals) {
      const condition = conditionText(out, expression)
      this.#table(whenTrue, `(booleanif ${condition} (true `)
      this.#table(whenFalse, `(booleanif ${condition} (false `)
    }
    this.#transitions(policy, out)
  }

  get all(): readonly Feature[] {
    return [...this.#found.values()]
  }

  #add(
    key: string, type: number, cil: (type: string) => string, kind: FeatureKind = {},
  ): void {
    const { self = null, pair = null, isOwn = false } = kind
    let feature = this.#found.get(key)
    if (feature === undefined) {
      this.#found.set(key, feature = { holders: this.#members.empty(), cil, self, pair, isOwn })
    }
    setBit(feature.holders, type)
  }

  /** A result that a type has with another one: as the one that asks, and as the one that is asked about. */
  #pair(source: number, target: number, key: string, cil: (source: string, target: string) => string): void {
    const { names } = this.#members
    this.#add(`of ${target} ${key}`, source, (type) => cil(type, names[target]!), {
      pair: { key, side: 'of', other: target, cil },
    })
    this.#add(`to ${source} ${key}`, target, (type) => cil(names[source]!, type), {
      pair: { key, side: 'to', other: source, cil },
    })
    if (source === target) this.#add(`self ${key}`, source, (type) => cil(type, type))
  }

  #table(table: Avtab, guard: string | null): void {
    const wrap = (rule: string): string => guard === null ? rule : `${guard}${rule}))`
    for (let i = 0; i < table.length; i++) {
      const kind = table.specified[i]! & ~AVTAB_ENABLED
      const [source, target, tclass] = [table.source[i]!, table.target[i]!, table.tclass[i]!]
      if ((kind & AVTAB_TYPE) !== 0) this.#typeRule(table, i, guard ?? '', wrap)
      else if (source === target && (kind & AVTAB_AV) !== 0 && !this.#members.byValue.has(source)) {
        const mask = kind === AVTAB_AUDITDENY ? ~table.datum[i]! : table.datum[i]!
        for (const [bit, name] of (this.#names.permissions[tclass] ?? []).entries()) {
          if (name === undefined || (mask & (1 << bit)) === 0) continue
          this.#add(`self ${guard} ${kind} ${tclass} ${bit}`, source,
            (type) => wrap(`(${avWords[kind]} ${type} self (${this.#names.classes[tclass]} (${name})))`),
            { isOwn: true, self: kind === AVTAB_ALLOWED && guard === null ? { tclass, bit } : null })
        }
      }
    }
  }

  #typeRule(table: Avtab, i: number, guard: string, wrap: (rule: string) => string): void {
    const { names } = this.#members
    const word = typeWords[table.specified[i]! & ~AVTAB_ENABLED]!
    const [source, target, tclass, datum] = [table.source[i]!, table.target[i]!, table.tclass[i]!, table.datum[i]!]
    const what = `${this.#names.classes[tclass]} ${names[datum]}`
    this.#pair(source, target, `${word} ${guard} ${what}`, (of, to) => wrap(`(${word} ${of} ${to} ${what})`))
  }

  #transitions(policy: Policydb, out: CilWriter): void {
    const { names } = this.#members
    const [classes, roles] = [this.#names.classes, this.#names.roles]
    for (const { name, target, tclass, results } of policy.filenameTransitions) {
      for (const { sources, type: result } of results) {
        const what = `${classes[tclass]} ${quoted(name)} ${names[result]}`
        for (const bit of sources) {
          this.#pair(bit + 1, target, `name ${what}`, (of, to) => `(typetransition ${of} ${to} ${what})`)
        }
      }
    }
    for (const { source, target, tclass, range } of policy.rangeTransitions) {
      const text = rangeText(out, { low: writtenLevel(range.low), high: writtenLevel(range.high) })
      const what = `${classes[tclass]} ${text}`
      this.#pair(source, target, `range ${what}`, (of, to) => `(rangetransition ${of} ${to} ${what})`)
    }
    for (const { role, type: own, tclass, newRole } of policy.roleTransitions) {
      this.#add(`role change ${role} ${tclass} ${newRole}`, own,
        (type) => `(roletransition ${roles[role]} ${type} ${classes[tclass]} ${roles[newRole]})`)
    }
    for (const { name, value, types } of policy.roles.items) {
      for (const bit of types) {
        this.#add(`role ${value}`, bit + 1, (type) => `(roletype ${name} ${type})`, { isOwn: true })
      }
    }
  }
}
