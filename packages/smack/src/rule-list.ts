/**
 * The reference: rules in a list that is searched from its head, as the kernel has them. RuleTable must agree with
 * it.
 */
import { ENOMEM } from '@lsmkit/abi'
import type { Label } from './label.ts'
import type { Rules, RuleVisitor } from './rules.ts'

interface Rule {
  readonly subject: Label
  readonly object: Label
  modes: number
}

/** Rules as the kernel keeps them; slow with many. */
export class RuleList implements Rules {
  /** Newest first. */
  readonly #rules: Rule[] = []
  readonly #limit: number
  changes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#rules.length
  }

  get(subject: Label, object: Label): number {
    return this.#find(subject, object)?.modes ?? -1
  }

  change(subject: Label, object: Label, allow: number, deny: number): number {
    const rule = this.#find(subject, object)
    this.changes++
    if (rule !== undefined) {
      rule.modes = (rule.modes | allow) & ~deny
      return 0
    }
    if (this.#rules.length >= this.#limit) return -ENOMEM
    this.#rules.unshift({ subject, object, modes: allow & ~deny })
    return 0
  }

  renew(): void {
    this.changes++
  }

  revoke(subject: Label): void {
    this.changes++
    for (const rule of this.#rules) if (rule.subject === subject) rule.modes = 0
  }

  eachOf(subject: Label, visit: RuleVisitor): void {
    this.each((owner, object, modes) => (owner === subject ? visit(owner, object, modes) : true))
  }

  each(visit: RuleVisitor): void {
    for (const { subject, object, modes } of this.#rules) if (visit(subject, object, modes) === false) return
  }

  copy(): RuleList {
    const copy = new RuleList(this.#limit)
    this.each((subject, object, modes) => void copy.change(subject, object, modes, 0))
    return copy
  }

  #find(subject: Label, object: Label): Rule | undefined {
    return this.#rules.find((rule) => rule.object === object && rule.subject === subject)
  }
}
