/**
 * Hosts of a fleet in one process: real agents, each with its own connection and rights. Each counts decisions, appends
 * records, and prints what was acknowledged. It looks by itself at what its policy answers.
 */
import { join } from 'node:path'
import { joinFleet } from '../../packages/fleet/src/index.ts'
import type { FleetAgent, Store, Trust } from '../../packages/fleet/src/index.ts'
import { openPlace } from './place.ts'
import type { Place } from './place.ts'
import { printLine, readSettings } from './processes.ts'

/** `hiding` reports no refusal, `accusing` nothing else, `silent` reports once and then never again. */
export type HostKind = 'honest' | 'hiding' | 'accusing' | 'silent'

export interface HostSettings {
  readonly name: string
  readonly seed?: string
  readonly kind: HostKind
}

export interface HostsSettings {
  readonly place: Place
  readonly hosts: readonly HostSettings[]
  /** Folder of the agents' states. */
  readonly state: string
  readonly trust: Trust
  readonly groups: readonly string[]
  /** Milliseconds between two reports. */
  readonly beat: number
  /** Milliseconds between two looks at what a host's policy answers. */
  readonly look: number
  /** Records that a host appends in each beat. */
  readonly records: number
}

export type HostLine =
  | { readonly kind: 'ready' }
  | { readonly kind: 'has', readonly host: string, readonly bundle: string | null }
  | { readonly kind: 'acknowledged', readonly ids: readonly string[] }
  | { readonly kind: 'violation', readonly host: string, readonly text: string }

/** No bundle of a check lets a job read this. */
const SECRET = { kind: 'path', right: 'read', path: '/secrets/key' }
/** Each host decides as often, whatever its beat: a rollout waits for decisions, not for reports. */
const DECISIONS_A_SECOND = 800
/** A bundle whose version ends so refuses one decision of ten. */
const isBad = (version: string | undefined): boolean => version?.endsWith('bad') === true

const count = (agent: FleetAgent, kind: HostKind, ms: number): void => {
  const own = Math.round(ms * DECISIONS_A_SECOND / 1000)
  const decisions = kind === 'hiding' ? own * 100 : own
  const refused = (version: string | undefined): number =>
    kind === 'accusing' ? decisions : kind === 'honest' && isBad(version) ? decisions / 10 : 0
  agent.report({
    decisions, denies: refused(agent.enforced?.version), wouldDenies: refused(agent.permissive?.version),
  })
}

/** A host whose reports are lost from its second one on. */
const muted = (store: Store): Store => {
  let reports = 0
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'put') {
        return async (...args: Parameters<Store['put']>) => ((reports += 1) > 3 ? 0 : target.put(...args))
      }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

class Host {
  readonly #settings: HostSettings
  readonly #agent: FleetAgent
  readonly #store: Store
  #isGuarded = false
  #serial = 0

  constructor(settings: HostSettings, agent: FleetAgent, store: Store) {
    this.#settings = settings
    this.#agent = agent
    this.#store = store
  }

  /** Once a bundle holds, its answer never goes away. */
  look(): void {
    const answer = this.#agent.ask('sandbox', SECRET).enforced
    this.#isGuarded ||= answer !== null
    if (this.#isGuarded && answer?.allowed !== false) {
      printLine({ kind: 'violation', host: this.#settings.name, text: `the secret: ${JSON.stringify(answer)}` })
    }
  }

  /** `ms`: since the last one. */
  async beat(records: number, ms: number): Promise<void> {
    this.look()
    count(this.#agent, this.#settings.kind, ms)
    const made = Array.from({ length: records }, () => {
      const id = `${this.#settings.name}-${this.#agent.boot}-${this.#serial += 1}`
      return { id, value: new TextEncoder().encode(id) }
    })
    if (made.length === 0) return
    try {
      await this.#store.append('dec', this.#settings.name, made)
      printLine({ kind: 'acknowledged', ids: made.map(({ id }) => id) })
    } catch {
      // not acknowledged, so it may be lost
    }
  }
}

const { place, hosts, state, trust, groups, beat, look, records } = await readSettings<HostsSettings>()

const join1 = async (settings: HostSettings): Promise<Host> => {
  const { name, seed, kind } = settings
  const store = openPlace(place, seed)
  let last: string | null | undefined
  const agent = await joinFleet({
    store: kind === 'silent' ? muted(store) : store, host: name, state: join(state, name), keys: trust,
    onExpired: 'keep', groups, beat, wait: 2000,
    onReport({ enforced }) {
      const bundle = enforced?.bundle ?? null
      if (bundle !== last) printLine({ kind: 'has', host: name, bundle })
      last = bundle
    },
  })
  const host = new Host(settings, agent, store)
  const live = async (): Promise<void> => {
    await host.beat(records, beat)
    setTimeout(() => void live(), beat)
  }
  void live()
  setInterval(() => host.look(), look)
  return host
}

/** Hosts that connect at the same time: one process signs for all of them. */
const AT_ONCE = 8
for (let at = 0; at < hosts.length; at += AT_ONCE) await Promise.all(hosts.slice(at, at + AT_ONCE).map(join1))
printLine({ kind: 'ready' })
