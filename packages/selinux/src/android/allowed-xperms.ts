/** The commands and messages (allowxperm) that a policy allows, for neverallowxperm rules. */
import { hasBit, list } from '../bits.ts'
import type { Bits } from '../bits.ts'
import {
  AVTAB_ENABLED, AVTAB_XPERMS_ALLOWED, AVTAB_XPERMS_IOCTLDRIVER, AVTAB_XPERMS_NLMSG,
} from '../policydb/constants.ts'
import type { Avtab, Xperms } from '../policydb/avtab.ts'
import type { PolicyView } from '../query/view.ts'

/** Commands of ioctl, or types of netlink messages. */
export interface Numbers {
  readonly ranges: readonly (readonly [low: number, high: number])[]
  readonly isComplement: boolean
}

interface XpermRule {
  readonly sources: Bits
  readonly targets: Bits
  readonly operation: 'ioctl' | 'nlmsg'
  readonly numbers: readonly number[]
}

interface Pair {
  readonly source: number
  readonly target: number
  readonly tclass: number
  /** The permission: `ioctl`, `nlmsg`. */
  readonly name: string
}

const numbersOf = ({ kind, driver, bits }: Xperms): number[] => kind === AVTAB_XPERMS_IOCTLDRIVER
  ? list(bits).flatMap((each) => Array.from({ length: 256 }, (_, bit) => each * 256 + bit))
  : list(bits).map((bit) => driver * 256 + bit)

const isIn = ({ ranges, isComplement }: Numbers, number: number): boolean =>
  ranges.some(([low, high]) => number >= low && number <= high) !== isComplement

const MOST_SHOWN = 8

export class AllowedXperms {
  readonly #byClass = new Map<number, XpermRule[]>()

  constructor(view: PolicyView) {
    const { avtab, conditionals } = view.policy
    for (const table of [avtab, ...conditionals.flatMap(({ whenTrue, whenFalse }) => [whenTrue, whenFalse])]) {
      this.#take(view, table)
    }
  }

  #take(view: PolicyView, table: Avtab): void {
    for (let i = 0; i < table.length; i++) {
      if ((table.specified[i]! & ~AVTAB_ENABLED) !== AVTAB_XPERMS_ALLOWED) continue
      const xperms = table.xpermsOf(i)!
      const rules = this.#byClass.get(table.tclass[i]!) ?? []
      this.#byClass.set(table.tclass[i]!, rules)
      rules.push({
        sources: view.members(table.source[i]!), targets: view.members(table.target[i]!),
        operation: xperms.kind === AVTAB_XPERMS_NLMSG ? 'nlmsg' : 'ioctl', numbers: numbersOf(xperms),
      })
    }
  }

  /**
   * Of a pair that may do the operation: the forbidden numbers that it may use, as `ioctl 0x8927`. A pair without
   * an allowxperm rule may use all of them.
   */
  forbidden({ source, target, tclass, name }: Pair, forbidden: Numbers): string[] {
    const rules = (this.#byClass.get(tclass) ?? []).filter(({ sources, targets, operation }) =>
      operation === name && hasBit(sources, source) && hasBit(targets, target))
    if (rules.length === 0) return [`${name} without allowxperm`]
    const used = new Set(rules.flatMap(({ numbers }) => numbers).filter((number) => isIn(forbidden, number)))
    return [...used].sort((a, b) => a - b).slice(0, MOST_SHOWN).map((number) => `${name} 0x${number.toString(16)}`)
  }
}
