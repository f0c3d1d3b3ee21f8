/**
 * The context of LSMs, as a class: hooks read `ctx.current` at every call, and V8 treats an object literal with a
 * getter as a dictionary, where each such read is a search.
 */
import type { LsmAudit } from '../audit/lsm-audit.ts'
import type { Current } from '../current.ts'
import type { Host } from '../host.ts'
import type { OwnKeyMap } from '../hooks/own-hooks.ts'
import type { Profile } from '../kernel-rules.ts'
import type { LsmContext } from '../lsm-context.ts'
import type { LsmTable } from '../generated/lsm-table.ts'
import type { BootParameter } from '../order/command-line.ts'
import type { Objects } from '../objects/factories.ts'

export class BoundContext implements LsmContext {
  readonly current: Current
  readonly now: () => number
  readonly profile: Profile
  readonly lsmid: number
  readonly bootParameters: readonly BootParameter[]
  readonly audit: LsmAudit
  readonly objects: Objects
  readonly host: Host
  readonly #table: () => LsmTable & OwnKeyMap

  /** `table` is called whenever an LSM reads `lsm`: while hooks are made it gives a table that is read later. */
  constructor(given: Omit<LsmContext, 'lsm' | 'now'>, table: () => LsmTable & OwnKeyMap) {
    const { host } = given
    this.current = given.current
    this.now = () => host.now?.() ?? Date.now()
    this.profile = given.profile
    this.lsmid = given.lsmid
    this.bootParameters = given.bootParameters
    this.audit = given.audit
    this.objects = given.objects
    this.host = host
    this.#table = table
  }

  get lsm(): LsmTable & OwnKeyMap {
    return this.#table()
  }
}
