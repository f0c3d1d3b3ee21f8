/** A security server that reports the types it gave, each once: for coverage. The plain one knows nothing of it. */
import type { TransitionUse } from '../coverage/use.ts'
import { typeIn } from '../coverage/use.ts'
import { className } from '../class-map.ts'
import { SecurityServer } from './security-server.ts'
import type { SecurityServerOptions } from './server-types.ts'

export class WatchedServer extends SecurityServer {
  readonly #transitioned: (use: TransitionUse) => void
  readonly #seen = new Set<string>()

  constructor(options: SecurityServerOptions, transitioned: (use: TransitionUse) => void) {
    super(options)
    this.#transitioned = transitioned
  }

  override transitionSid(ssid: number, tsid: number, tclass: number, name: string | null = null): number {
    const sid = super.transitionSid(ssid, tsid, tclass, name)
    if (sid > 0) this.#tell(ssid, tsid, tclass, name, sid)
    return sid
  }

  #tell(ssid: number, tsid: number, tclass: number, name: string | null, sid: number): void {
    const key = `${ssid} ${tsid} ${tclass} ${sid} ${name === null ? '' : `/${name}`}`
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    const [source, target, result] = [this.#typeOf(ssid), this.#typeOf(tsid), this.#typeOf(sid)]
    this.#transitioned({ source, target, tclass: className(tclass), name, result })
  }

  /** '' before there is a policy: contexts are names of initial SIDs. */
  #typeOf(sid: number): string {
    const context = this.sidToContext(sid)
    return typeof context === 'number' ? '' : typeIn(context)
  }
}
