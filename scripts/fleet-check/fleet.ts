/** A fleet that is looked at from outside: its hosts, controllers and bundles, and what must never happen to it. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildBundle, generateKeys, generateNkey, isOver, judge, parseHave, putLarge, readBundle, readRollout, serverConfig,
  rollBack, signBundle, startRollout, writeWant,
} from '../../packages/fleet/src/index.ts'
import type { Gate, KeyPair, Rollout, Store } from '../../packages/fleet/src/index.ts'
import { Cluster } from './cluster.ts'
import type { ControllerSettings } from './controller-program.ts'
import type { HostKind, HostLine, HostSettings, HostsSettings } from './host-program.ts'
import { openPlace } from './place.ts'
import type { Place } from './place.ts'
import { processorSeconds, startProgram, until } from './processes.ts'
import type { Started } from './processes.ts'

const program = (name: string): string => join(import.meta.dirname, `${name}-program.ts`)

export interface FleetSize {
  readonly path: string
  readonly hosts: number
  /** Hosts of each process. */
  readonly each: number
  /** Default: honest. */
  readonly kindOf?: (i: number) => HostKind
  readonly beat?: number
  /** Default: 20. */
  readonly look?: number
  readonly records?: number
}

export interface Made {
  readonly digest: string
  readonly id: string
}

/** The step of a rollout, what it waits for, and its last notes. */
const whereItStands = (state: Rollout): string => {
  const { answer, reason } = judge(state)
  const notes = state.notes.slice(-4).map(({ text }) => text).join(' | ')
  const hosts = state.rings.slice(0, state.ring + 1).flatMap((ring) => ring.hosts)
    .filter(({ standing }) => standing !== 'has').slice(0, 5)
    .map(({ host, standing, error }) => `${host} ${standing} ${error ?? ''}`)
  return `${state.step} of ring ${state.ring} after ${state.elapsed - state.since} ms: ${answer}: ${reason}; `
    + `${hosts.join(', ')}; ${notes}`
}

/** Hosts of one process, which may be killed and started again. */
interface HostsProcess {
  readonly settings: HostsSettings
  started: Started
}

export class CheckedFleet {
  readonly place: Place
  readonly cluster: Cluster | null
  readonly store: Store
  readonly adminSeed: string | undefined
  readonly names: readonly string[]
  readonly #keys: KeyPair
  readonly #processes: HostsProcess[] = []
  readonly #controllerSeed: string | undefined
  readonly #verified = new Set<string>()
  readonly #acknowledged = new Set<string>()
  /** The bundle that each host has reported last. */
  readonly has = new Map<string, string | null>()
  readonly violations: string[] = []
  #epoch = 0
  #isOver = false
  #ready = 0

  private constructor(
    place: Place, cluster: Cluster | null, keys: KeyPair, names: readonly string[], seeds: ReadonlyMap<string, string>,
  ) {
    this.place = place
    this.cluster = cluster
    this.names = names
    this.#keys = keys
    this.adminSeed = seeds.get('root')
    this.#controllerSeed = seeds.get('ctl')
    this.store = cluster === null ? openPlace(place, undefined) : openPlace(place, this.adminSeed)
  }

  static async start(driver: 'folder' | 'nats', size: FleetSize) {
    const { path, hosts, each, kindOf, beat = 250, look = 20, records = 1 } = size
    mkdirSync(path, { recursive: true })
    const names = Array.from({ length: hosts }, (_, i) => `web-${i}`)
    const seeds = new Map<string, string>()
    const publics: Record<string, string> = {}
    for (const name of driver === 'nats' ? [...names, 'root', 'ctl'] : []) {
      const nkey = await generateNkey()
      seeds.set(name, nkey.seed)
      publics[name] = nkey.public
    }
    const cluster = driver === 'folder' ? null : await Cluster.start(join(path, 'nats'), serverConfig({
      tenants: {
        acme: {
          hosts: Object.fromEntries(names.map((name) => [name, publics[name]!])),
          controllers: { ctl: publics['ctl']! }, administrators: { root: publics['root']! },
        },
      },
    }))
    const place: Place = cluster === null ? { folder: join(path, 'store') } : { servers: cluster.urls }
    const fleet = new CheckedFleet(place, cluster, await generateKeys(), names, seeds)
    await fleet.#makeStreams()
    const all = names.map((name, i): HostSettings => {
      const seed = seeds.get(name)
      return { name, kind: kindOf?.(i) ?? 'honest', ...(seed === undefined ? {} : { seed }) }
    })
    const first = await fleet.bundle()
    await fleet.ask(first.digest)
    for (let at = 0; at < hosts; at += each) {
      const settings = {
        place, hosts: all.slice(at, at + each), state: join(path, 'state'), groups: ['web'], beat, look, records,
        trust: { keys: [fleet.#keys.public] },
      }
      fleet.#processes.push({ settings, started: fleet.#startHosts(settings) })
    }
    return fleet
  }

  /** Until a majority of the servers is ready. */
  async #makeStreams(): Promise<void> {
    if (this.cluster === null) return
    const { nats } = await import('../../packages/fleet/src/index.ts')
    await until('the streams', async () => {
      const store = nats({
        servers: this.cluster!.urls, nkeySeed: this.adminSeed!, create: { replicas: 3, mostLogBytes: 2 ** 28 },
        patience: 3000,
      })
      try {
        await store.put('rollout', 'probe', new Uint8Array(1))
        return true
      } finally {
        await store.close()
      }
    })
  }

  #startHosts(settings: HostsSettings): Started {
    return startProgram<HostLine>(program('host'), settings, (line) => {
      if (line.kind === 'ready') this.#ready += 1
      if (line.kind === 'has') this.#sawHas(line.host, line.bundle)
      if (line.kind === 'acknowledged') for (const id of line.ids) this.#acknowledged.add(id)
      if (line.kind === 'violation') this.violations.push(`${line.host}: ${line.text}`)
    })
  }

  #sawHas(host: string, bundle: string | null): void {
    if (bundle === null && (this.has.get(host) ?? null) !== null) this.violations.push(`${host} enforces no bundle now`)
    if (bundle !== null && !this.#verified.has(bundle)) this.violations.push(`${host} has a bundle nobody has signed`)
    this.has.set(host, bundle)
  }

  /** A bundle of the next epoch, in the store; `bad` makes hosts refuse one decision of ten. */
  async bundle({ bad = false, paths = [] as readonly string[], keys = this.#keys } = {}): Promise<Made> {
    this.#epoch += 1
    const before = this.#last
    const bytes = await signBundle(buildBundle({
      name: 'web', version: `${this.#epoch}${bad ? '-bad' : ''}`, epoch: this.#epoch,
      ...(before === null ? {} : { back: [before.id] }),
    }, {
      'sandbox.json': JSON.stringify({ version: 1, allow: { read: ['/site', `/srv/${this.#epoch}`, ...paths] } }),
      'questions/secrets.json': JSON.stringify([
        { policy: 'sandbox', ask: { kind: 'path', right: 'read', path: '/secrets/key' }, answer: 'deny' },
      ]),
    }), keys.secret)
    const made = { digest: await putLarge(this.store, bytes), id: readBundle(bytes).id }
    if (keys === this.#keys) {
      this.#verified.add(made.digest)
      this.#made.push(made)
    }
    return made
  }

  readonly #made: Made[] = []
  /** The bundle that hosts have when no rollout runs: rollouts that go back take their bundle off. */
  get #last(): Made | null {
    return this.#made.at(-1) ?? null
  }

  /** Wishes for all hosts, without a rollout. */
  async ask(digest: string, hosts = this.names): Promise<void> {
    await Promise.all(hosts.map((host) => writeWant(this.store, host, { bundle: digest, mode: 'enforce' })))
  }

  /** Bundles that are signed by other keys, cut, or not there are asked of hosts: they keep what they have. */
  async askForged(hosts: readonly string[]): Promise<void> {
    const forged = await this.bundle({ keys: await generateKeys() })
    await this.ask(forged.digest, hosts)
  }

  async allHave(digest: string, mostMs?: number): Promise<void> {
    const lacking = (): readonly string[] => this.names.filter((name) => this.has.get(name) !== digest)
    await this.#untilNone(`all hosts have ${digest.slice(0, 8)}`, lacking, mostMs)
  }

  /** Rejects with the records of a host that lacks it. */
  async #untilNone(what: string, lacking: () => readonly string[], mostMs?: number): Promise<void> {
    try {
      await until(what, () => lacking().length === 0, mostMs)
    } catch (error) {
      const [host = ''] = lacking()
      const decoder = new TextDecoder()
      const [want, have] = [await this.store.get('want', host), await this.store.get('have', host)]
      const seen = [want, have].map((entry) => `${entry?.revision} ${decoder.decode(entry?.value)}`)
      throw new Error(`${lacking().length} hosts lack it: ${host}: ${seen.join(' ')}`, { cause: error })
    }
  }

  async allReady(mostMs?: number): Promise<void> {
    await until('all processes of hosts', () => this.#ready >= this.#processes.length, mostMs)
    const lacking = (): readonly string[] => this.names.filter((name) => (this.has.get(name) ?? null) === null)
    await this.#untilNone('a bundle on each host', lacking, mostMs)
  }

  /** Processor seconds so far: of hosts, of servers, and of this process, which asks them. */
  get seconds(): readonly [hosts: number, servers: number, own: number] {
    const { user, system } = process.cpuUsage()
    const hosts = this.#processes.reduce((sum, { started }) => sum + processorSeconds(started), 0)
    return [hosts, this.cluster?.seconds ?? 0, (user + system) / 1e6]
  }

  async killHosts(i: number): Promise<void> {
    await this.#processes[i]!.started.kill()
  }

  stopHosts(i: number, isStopped: boolean): void {
    this.#processes[i]!.started.signal(isStopped ? 'SIGSTOP' : 'SIGCONT')
  }

  startHosts(i: number): void {
    const one = this.#processes[i]!
    one.started = this.#startHosts(one.settings)
  }

  controller(more: Pick<ControllerSettings, 'dies' | 'clock'> = {}): Started {
    return startProgram(program('controller'), {
      place: this.place, every: 200, ...more,
      ...(this.#controllerSeed === undefined ? {} : { seed: this.#controllerSeed }),
    } satisfies ControllerSettings, () => {})
  }

  async start(bundle: Made, rings: readonly number[], gate: Partial<Gate> = {}): Promise<void> {
    let at = 0
    await startRollout(this.store, {
      bundle: bundle.digest,
      rings: rings.map((size, i) =>
        ({ name: i === 0 ? 'canary' : `ring-${i}`, hosts: this.names.slice(at, at += size) })),
      gate: { soak: 500, leastDecisions: 1000, silence: 30_000, patience: 60_000, ...gate },
    })
  }

  /** Until it is done, paused or rolled back. */
  async rolloutEnds(mostMs?: number): Promise<Rollout> {
    let last: Rollout | null = null
    try {
      await until('an end of the rollout', async () => {
        last = await readRollout(this.store)
        return last !== null && (isOver(last) || last.paused !== null)
      }, mostMs)
    } catch (error) {
      throw new Error(last === null ? 'there is no rollout' : whereItStands(last), { cause: error })
    }
    const { step, bundle } = last!
    if (step === 'rolled-back') this.#takeOff(bundle)
    return last!
  }

  /** Ends a rollout that is paused, as a person would: its hosts have what they had before. */
  async goBack(): Promise<void> {
    const controller = this.controller()
    await until('the way back', async () => {
      const step = (await readRollout(this.store))?.step
      if (step !== 'rolling-back' && step !== 'rolled-back') await rollBack(this.store)
      return step === 'rolled-back'
    })
    await controller.kill()
    this.#takeOff((await readRollout(this.store))!.bundle)
  }

  #takeOff(bundle: string): void {
    this.#made.splice(this.#made.findIndex(({ digest }) => digest === bundle), 1)
  }

  /** Reads all reports from the store, as anyone may. */
  async lookAtReports(): Promise<void> {
    for await (const { key, value } of this.store.list('have')) {
      const { enforced } = parseHave(value, key)
      this.#sawHas(key, enforced?.bundle ?? null)
    }
  }

  /** Reads the log: what was acknowledged and is missing, and what is there twice under one id. */
  async decisions(): Promise<{ readonly acknowledged: number, readonly lost: number, readonly twice: number }> {
    const wanted = [...this.#acknowledged]
    const seen = new Set<string>()
    let twice = 0
    for await (const { id } of this.store.read('dec')) {
      if (seen.has(id)) twice += 1
      seen.add(id)
    }
    return { acknowledged: wanted.length, lost: wanted.filter((id) => !seen.has(id)).length, twice }
  }

  async end(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    await Promise.all(this.#processes.map(({ started }) => started.kill()))
    await this.store.close()
    await this.cluster?.end()
  }
}
