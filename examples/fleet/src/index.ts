/** A fleet of agents on one machine: releases are built, signed, and asked of each host. */
import { join } from 'node:path'
import {
  buildBundle, decisionFields, folder, generateKeys, joinFleet, parseFilter, putLarge, readBundle, readDecisions,
  readHave, signBundle, writeWant,
} from '@lsmkit/fleet'
import type { DecisionFields, FleetAgent, Have, KeyPair, Store } from '@lsmkit/fleet'

/** No release may let a job read this. */
const question = {
  policy: 'sandbox', ask: { kind: 'path', right: 'read', path: '/secrets/key' }, answer: 'deny', why: 'keys stay here',
}

export interface Release {
  readonly epoch: number
  /** Folders that jobs may read. */
  readonly read: readonly string[]
  /** The id of the release to which hosts may go back. */
  readonly back?: string
}

export class Fleet {
  readonly store: Store
  readonly #keys: KeyPair
  readonly #agents = new Map<string, FleetAgent>()
  readonly #folder: string

  private constructor(path: string, keys: KeyPair) {
    this.#folder = path
    this.store = folder(join(path, 'store'), { poll: 100 })
    this.#keys = keys
  }

  static async open(path: string): Promise<Fleet> {
    return new Fleet(path, await generateKeys())
  }

  async join(host: string): Promise<FleetAgent> {
    const agent = await joinFleet({
      store: this.store, host, state: join(this.#folder, host), keys: { keys: [this.#keys.public] },
      onExpired: 'keep', wait: 100,
    })
    this.#agents.set(host, agent)
    return agent
  }

  /** Digest of the file, by which hosts are asked for it, and id, by which later releases name it. */
  async release({ epoch, read, back }: Release): Promise<{ digest: string, id: string }> {
    const bundle = buildBundle({
      name: 'jobs', version: String(epoch), epoch, ...(back === undefined ? {} : { back: [back] }),
    }, {
      'sandbox.json': JSON.stringify({ version: 1, allow: { read } }),
      'questions/secrets.json': JSON.stringify([question]),
    })
    const bytes = await signBundle(bundle, this.#keys.secret)
    return { digest: await putLarge(this.store, bytes), id: readBundle(bytes).id }
  }

  /** Asks every host for a release; the reports that come back. */
  async roll(digest: string): Promise<readonly Have[]> {
    const hosts = [...this.#agents.keys()]
    return Promise.all(hosts.map(async (host) =>
      this.#answer(host, await writeWant(this.store, host, { bundle: digest, mode: 'enforce' }))))
  }

  async #answer(host: string, revision: number): Promise<Have> {
    for (;;) {
      const have = await readHave(this.store, host)
      if (have !== null && have.want >= revision) return have
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Decisions of all hosts, as `lsm fleet decisions FILTER` lists them; the first that come, when they are there. */
  async decisions(filter: string, count: number): Promise<readonly DecisionFields[]> {
    const isWanted = parseFilter(filter)
    const found: DecisionFields[] = []
    for await (const record of readDecisions(this.store, { live: true })) {
      if (record.kind === 'decision' && isWanted(decisionFields(record))) found.push(decisionFields(record))
      if (found.length === count) break
    }
    return found
  }

  async close(): Promise<void> {
    for (const agent of this.#agents.values()) await agent.close()
    await this.store.close()
  }
}
