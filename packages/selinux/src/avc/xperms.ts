/** Extended permissions in the cache: which commands of a base permission are refined, and those decided so far. */
import { XpermDecision } from '../server/decision.ts'
import type { DecisionSource, XpermDrivers } from '../server/decision.ts'

export class XpermNode {
  readonly #drivers: Uint32Array
  #base: number
  /** By driver and base permission. */
  readonly #decided = new Map<number, XpermDecision>()

  constructor({ drivers, base }: XpermDrivers) {
    this.#drivers = drivers.slice()
    this.#base = base
  }

  static has(bits: Uint32Array, bit: number): boolean {
    return (bits[bit >>> 5]! & (1 << (bit & 31))) !== 0
  }

  /** The decision for the commands of a driver; null if no rule mentions it: then none is allowed. */
  decisionOf(
    server: DecisionSource, ssid: number, tsid: number, tclass: number, driver: number, base: number,
  ): XpermDecision | null {
    if ((this.#base & base) === 0 || !XpermNode.has(this.#drivers, driver)) return null
    const key = (base << 8) | driver
    let decision = this.#decided.get(key)
    if (decision === undefined) {
      decision = new XpermDecision()
      server.computeXperms(ssid, tsid, tclass, driver, base, decision)
      this.#decided.set(key, decision)
    }
    return decision
  }

  /** Permissive: this command is allowed from now on. */
  allow(driver: number, base: number, xperm: number): void {
    this.#base |= base
    this.#drivers[driver >>> 5]! |= 1 << (driver & 31)
    const key = (base << 8) | driver
    const decision = this.#decided.get(key) ?? new XpermDecision()
    decision.allowed[xperm >>> 5]! |= 1 << (xperm & 31)
    this.#decided.set(key, decision)
  }
}
