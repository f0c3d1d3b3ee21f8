/**
 * The rules of one ruleset: what each inode and each port is granted. Domains keep the table of the moment they were
 * made; a ruleset that gets another rule afterwards goes on with a copy.
 */
import type { LandlockMemory } from '@lsmkit/core'
import type { NamedInode, NamedInodes } from './named-inodes.ts'

/** Bytes of the host's heap that a rule takes, with what directories remember of decisions by it. */
const RULE_BYTES = 256
const TABLE_BYTES = 512

export class RuleTable {
  readonly inodes = new Map<NamedInode, number>()
  readonly ports = new Map<number, number>()
  /** Those with a quiet rule. */
  readonly quiet = new Set<NamedInode | number>()
  readonly #named: NamedInodes
  readonly #memory: LandlockMemory
  #users = 1

  private constructor(named: NamedInodes, memory: LandlockMemory) {
    this.#named = named
    this.#memory = memory
  }

  /** An empty one, or null for want of memory. */
  static create(named: NamedInodes): RuleTable | null {
    const memory = named.host.account()
    return memory.charge(TABLE_BYTES) ? new RuleTable(named, memory) : null
  }

  get isShared(): boolean {
    return this.#users > 1
  }

  /** Rights of an inode add up. False for want of memory. */
  grantInode(state: NamedInode, access: number, isQuiet = false): boolean {
    const before = this.inodes.get(state)
    if (before === undefined) {
      if (!this.#memory.charge(RULE_BYTES)) return false
      this.#named.hold(state)
    }
    this.inodes.set(state, (before ?? 0) | access)
    if (isQuiet) this.quiet.add(state)
    return true
  }

  /** Rights of a port add up. False for want of memory. */
  grantPort(port: number, access: number, isQuiet = false): boolean {
    const before = this.ports.get(port)
    if (before === undefined && !this.#memory.charge(RULE_BYTES)) return false
    this.ports.set(port, (before ?? 0) | access)
    if (isQuiet) this.quiet.add(port)
    return true
  }

  /** The same rules, to be added to; null for want of memory. */
  copy(): RuleTable | null {
    const copy = RuleTable.create(this.#named)
    if (copy === null) return null
    for (const [state, access] of this.inodes) {
      if (!copy.grantInode(state, access, this.quiet.has(state))) return copy.#discard()
    }
    for (const [port, access] of this.ports) {
      if (!copy.grantPort(port, access, this.quiet.has(port))) return copy.#discard()
    }
    return copy
  }

  get(): this {
    this.#users++
    return this
  }

  /** The last user lets the inodes go. */
  put(): void {
    if (--this.#users > 0) return
    for (const state of this.inodes.keys()) this.#named.letGo(state)
    this.inodes.clear()
    this.ports.clear()
    this.quiet.clear()
    this.#memory.release()
  }

  #discard(): null {
    this.put()
    return null
  }
}
