/** A cache that reports grants, each use once: for coverage. The plain cache knows nothing of it. */
import { Avc } from './avc.ts'
import type { AvcReport } from './avc.ts'
import type { AvcKind, AvcSource } from './audit-source.ts'
import type { DecisionSource } from '../server/decision.ts'

/** A grant by the numbers of the kernel. */
export type Granted = (ssid: number, tsid: number, tclass: number, requested: number) => void

export class WatchedAvc extends Avc {
  readonly #granted: Granted
  readonly #seen = new Set<string>()

  constructor(server: DecisionSource, report: AvcReport, enforcing: boolean, granted: Granted) {
    super(server, report, enforcing)
    this.#granted = granted
  }

  override get mayBeKept(): boolean {
    return false
  }

  override hasPerm<K extends AvcKind>(
    ssid: number, tsid: number, tclass: number, requested: number, kind: K, source: AvcSource<K>,
  ): number {
    return this.#note(super.hasPerm(ssid, tsid, tclass, requested, kind, source), ssid, tsid, tclass, requested)
  }

  override hasPermNoAudit(ssid: number, tsid: number, tclass: number, requested: number): number {
    return this.#note(super.hasPermNoAudit(ssid, tsid, tclass, requested), ssid, tsid, tclass, requested)
  }

  override hasPermUnless<K extends AvcKind>(
    ssid: number, tsid: number, tclass: number, requested: number, override: number, kind: K, source: AvcSource<K>,
  ): number {
    const rc = super.hasPermUnless(ssid, tsid, tclass, requested, override, kind, source)
    return this.#note(rc, ssid, tsid, tclass, requested)
  }

  override hasExtendedPerms<K extends AvcKind>(
    ssid: number, tsid: number, tclass: number, requested: number, driver: number, base: number, xperm: number,
    kind: K, source: AvcSource<K>,
  ): number {
    const rc = super.hasExtendedPerms(ssid, tsid, tclass, requested, driver, base, xperm, kind, source)
    return this.#note(rc, ssid, tsid, tclass, requested)
  }

  #note(rc: number, ssid: number, tsid: number, tclass: number, requested: number): number {
    if (rc !== 0) return rc
    const key = `${ssid} ${tsid} ${tclass} ${requested}`
    if (!this.#seen.has(key)) {
      this.#seen.add(key)
      this.#granted(ssid, tsid, tclass, requested)
    }
    return rc
  }
}
