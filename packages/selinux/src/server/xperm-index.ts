/** Extended permissions of ioctl commands and netlink messages (services_compute_xperms_drivers, _decision). */
import {
  AVTAB_XPERMS_ALLOWED, AVTAB_XPERMS_AUDITALLOW, AVTAB_XPERMS_IOCTLDRIVER, AVTAB_XPERMS_NLMSG,
} from '../policydb/constants.ts'
import type { Avtab, Xperms } from '../policydb/avtab.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { XPERM_IOCTL, XPERM_NLMSG } from './decision.ts'
import type { XpermDecision, XpermDrivers } from './decision.ts'
import type { TypeTable } from './type-table.ts'

interface Rule extends Xperms {
  /** Place of the target. */
  readonly target: number
  readonly specified: number
  /** The conditional that it is in, -1 of none; and the state of it that enables the rule. */
  readonly conditional: number
  readonly enabledBy: number
}

const baseOf = (kind: number): number => (kind === AVTAB_XPERMS_NLMSG ? XPERM_NLMSG : XPERM_IOCTL)

export class XpermIndex {
  readonly #types: TypeTable
  /** By class times 65536 plus the place of the source. */
  readonly #rules = new Map<number, Rule[]>()
  readonly #classes = new Set<number>()

  constructor(policy: Policydb, types: TypeTable) {
    this.#types = types
    this.#take(policy.avtab, -1, 0)
    for (const [i, { whenTrue, whenFalse }] of policy.conditionals.entries()) {
      this.#take(whenTrue, i, 1)
      this.#take(whenFalse, i, 0)
    }
  }

  #take(rules: Avtab, conditional: number, enabledBy: number): void {
    if (rules.xperms.length === 0) return
    const { place } = this.#types
    for (let i = 0; i < rules.length; i++) {
      const xperms = rules.xpermsOf(i)
      if (xperms === null) continue
      const tclass = rules.tclass[i]!
      const key = tclass * 0x10000 + place[rules.source[i]!]!
      let list = this.#rules.get(key)
      if (list === undefined) {
        list = []
        this.#rules.set(key, list)
      }
      list.push({ ...xperms, target: place[rules.target[i]!]!, specified: rules.specified[i]!, conditional, enabledBy })
      this.#classes.add(tclass)
    }
  }

  /** Has the class any such rule? */
  has(tclass: number): boolean {
    return this.#classes.has(tclass)
  }

  #visit(source: number, target: number, tclass: number, states: Uint8Array, visit: (rule: Rule) => void): void {
    const { list, start } = this.#types
    const targets = list.subarray(start[target]!, start[target + 1]!)
    for (let i = start[source]!, end = start[source + 1]!; i < end; i++) {
      for (const rule of this.#rules.get(tclass * 0x10000 + list[i]!) ?? []) {
        if (!targets.includes(rule.target)) continue
        if (rule.conditional < 0 || states[rule.conditional] === rule.enabledBy) visit(rule)
      }
    }
  }

  /** Marks in `out` the drivers and base permissions that enabled rules speak of, of whatever kind they are. */
  collectDrivers(source: number, target: number, tclass: number, states: Uint8Array, out: XpermDrivers): void {
    this.#visit(source, target, tclass, states, ({ kind, driver, bits }) => {
      out.len = 1
      out.base |= baseOf(kind)
      if (kind === AVTAB_XPERMS_IOCTLDRIVER) for (let i = 0; i < 8; i++) out.drivers[i]! |= bits[i]!
      else out.drivers[driver >>> 5]! |= 1 << (driver & 31)
    })
  }

  /** Adds the sets of `out.driver` and `out.base`. */
  collect(source: number, target: number, tclass: number, states: Uint8Array, out: XpermDecision): void {
    this.#visit(source, target, tclass, states, ({ kind, driver, bits, specified }) => {
      if (baseOf(kind) !== out.base) return
      const set =
        (specified & AVTAB_XPERMS_ALLOWED) !== 0 ? out.allowed
          : (specified & AVTAB_XPERMS_AUDITALLOW) !== 0 ? out.auditallow
            : out.dontaudit
      if (kind === AVTAB_XPERMS_IOCTLDRIVER) {
        if ((bits[out.driver >>> 5]! & (1 << (out.driver & 31))) !== 0) set.fill(0xffffffff)
      } else if (driver === out.driver) {
        for (let i = 0; i < 8; i++) set[i]! |= bits[i]!
      }
    })
  }
}
