import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseWant, readHave, recordBytes, writeWant } from '../agent/records.ts'
import type { Have, Held } from '../agent/records.ts'
import { buildBundle } from '../bundle/build.ts'
import { readBundle } from '../bundle/container.ts'
import { folder } from '../store/folder/index.ts'
import { putLarge } from '../store/large.ts'
import { nats } from '../store/nats/index.ts'
import type { Store } from '../store/store.ts'
import { freshPlace, memoryStore } from '../testing/memory-store.ts'
import { hasNatsServer, startNats } from '../testing/nats-server.ts'
import { runRollout, stepRollout } from './controller.ts'
import { pauseRollout, readRollout, resumeRollout, rollBack } from './index.ts'
import { startRollout } from './start.ts'
import type { StartOptions } from './start.ts'
import type { Rollout } from './state.ts'

const bundleOf = (epoch: number, back: readonly string[] = []): Uint8Array =>
  buildBundle({ name: 'web', version: String(epoch), epoch, back }, {
    'sandbox.json': JSON.stringify({ version: 1, allow: { read: [`/${epoch}`] } }),
  })
const [old, next] = [bundleOf(1), bundleOf(2, [readBundle(bundleOf(1)).id])]
const quick = { leastDecisions: 0, soak: 0 }

const heldOf = (bundle: string): Held => ({ bundle, id: bundle, name: 'web', version: '1', epoch: 1 })

interface Answering {
  readonly error?: string
  readonly denies?: number
}

let times = 0
/** The host does what it is asked for, has decided 1000 times more, and reports it. */
const answer = async (store: Store, host: string, { error, denies = 0 }: Answering = {}): Promise<void> => {
  const entry = await store.get('want', host)
  const want = parseWant(entry!.value, host)
  const last = await readHave(store, host)
  times += 1
  const enforced = error !== undefined || want.mode === 'permissive' ? last?.enforced ?? null : heldOf(want.bundle)
  const permissive = want.mode === 'permissive' ? heldOf(want.bundle) : null
  const counts = [...new Set([enforced?.bundle, permissive?.bundle])].filter((one) => one !== undefined)
    .map((bundle) => ({ bundle, decisions: times * 1000, denies: 0, wouldDenies: times * denies }))
  const have: Have = {
    format: 1, host, groups: [], boot: 'one', time: times, lsmkit: '0.1.0', enforced, permissive, expired: false,
    want: entry!.revision, counts,
    error: error === undefined ? null : { code: error, message: error, place: null, bundle: want.bundle },
  }
  await store.put('have', host, recordBytes(have))
}

interface Fleet {
  readonly was: string
  readonly now: string
}

const fleetOf = async (store: Store, hosts: readonly string[]): Promise<Fleet> => {
  const [was, now] = [await putLarge(store, old), await putLarge(store, next)]
  for (const host of hosts) {
    await writeWant(store, host, { bundle: was, mode: 'enforce' })
    await answer(store, host)
  }
  return { was, now }
}
const wantOf = async (store: Store, host: string) => {
  const { bundle, mode } = parseWant((await store.get('want', host))!.value, host)
  return [bundle, mode]
}

interface Opened {
  /** Of an administrator, and of a controller with the rights of README.md. */
  readonly store: Store
  readonly control: Store
  readonly stop: () => unknown
}

const onFolder = (): Opened => {
  const path = mkdtempSync(join(tmpdir(), 'lsmkit-rollout-'))
  return { store: folder(path), control: folder(path), stop: () => rmSync(path, { recursive: true }) }
}

const users = `authorization { users: [ { user: "admin", password: "admin" },
  { user: "control", password: "control", permissions: {
    publish: { allow: ["$KV.want.>", "$KV.rollout.>", "$JS.API.DIRECT.GET.KV_want.>", "$JS.API.DIRECT.GET.KV_have.>",
      "$JS.API.DIRECT.GET.KV_rollout.>", "$JS.API.DIRECT.GET.KV_bundle.>"] }
    subscribe: { allow: ["_INBOX_control.>"] } } } ] }`

const onNats = async (): Promise<Opened> => {
  const path = mkdtempSync(join(tmpdir(), 'lsmkit-rollout-'))
  writeFileSync(join(path, 'server.conf'), users)
  const { url, stop } = await startNats(['--config', join(path, 'server.conf')])
  const open = (user: string, create: boolean): Store =>
    nats({ servers: url, user, password: user, create, inboxPrefix: `_INBOX_${user}`, patience: 2000 })
  return {
    store: open('admin', true), control: open('control', false),
    async stop() {
      await stop()
      rmSync(path, { recursive: true })
    },
  }
}

const isThere = hasNatsServer()
if (!isThere) process.stderr.write('controller.test.ts: there is no nats-server here, so NATS is left out\n')
const drivers = { 'a folder': onFolder, ...(isThere ? { 'NATS': onNats } : {}) }

describe.each(Object.entries(drivers))('on %s', (_name, open) => {
  let store: Store
  let control: Store
  let stop: Opened['stop']
  beforeEach(async () => {
    ({ store, control, stop } = await open())
  })
  afterEach(async () => {
    await control.close()
    await store.close()
    await stop()
  })

  const until = async (step: string, each: () => Promise<unknown>): Promise<Rollout> => {
    for (let i = 0; i < 20; i += 1) {
      const state = (await stepRollout(control))!
      if (state.step === step) return state
      await each()
    }
    throw new Error(`it never came to ${step}: ${JSON.stringify(await readRollout(control))}`)
  }
  const both = ['a', 'b']
  const answerAll = (answering: Answering = {}) => () => Promise.all(both.map((host) => answer(store, host, answering)))
  const start = async (gate: StartOptions['gate'] = quick): Promise<Fleet> => {
    const fleet = await fleetOf(store, [...both, 'c'])
    const rings = both.map((name) => ({ name, hosts: [name] }))
    await startRollout(control, { bundle: fleet.now, rings, gate })
    return fleet
  }

  test('a bundle that hosts take is done, and a host in no ring stays', async () => {
    const { was, now } = await start()
    await stepRollout(control)
    expect(await wantOf(store, 'a')).toEqual([now, 'permissive'])
    expect(await wantOf(store, 'b')).toEqual([was, 'enforce'])
    await until('done', answerAll())
    expect(await Promise.all(['a', 'b', 'c'].map((host) => wantOf(store, host))))
      .toEqual([[now, 'enforce'], [now, 'enforce'], [was, 'enforce']])
    expect(await runRollout(control)).toMatchObject({ step: 'done' })
    await rollBack(control, 'a customer calls')
    await until('rolled-back', answerAll())
    expect(await wantOf(store, 'b')).toEqual([was, 'enforce'])
  })

  test('a bundle that a host refuses goes back', async () => {
    const { was } = await start()
    const { stopped } = await until('rolled-back', answerAll({ error: 'bad-policy' }))
    expect(stopped).toBe('1 of 1 hosts of ring `a` failed: a reports bad-policy')
    expect(await wantOf(store, 'a')).toEqual([was, 'enforce'])
  })

  test('one that would refuse much is stopped before it is enforced', async () => {
    await start({ soak: 0 })
    const { stopped, ring } = await until('rolled-back', answerAll({ denies: 100 }))
    expect([stopped, ring]).toEqual([expect.stringContaining('would refuse 100.00 of 1000 decisions'), 0])
  })

  test('pause holds it, and resume goes on', async () => {
    await start()
    await stepRollout(control)
    await pauseRollout(control, 'lunch')
    for (let i = 0; i < 5; i += 1) {
      await answerAll()()
      expect(await stepRollout(control)).toMatchObject({ step: 'permissive', paused: 'lunch' })
    }
    await resumeRollout(control)
    await until('done', answerAll())
  })

  test('there is one rollout at a time, and one needs a way back', async () => {
    const { was, now } = await start()
    const of = (options: Partial<StartOptions>) =>
      startRollout(control, { bundle: now, rings: [{ name: 'a', hosts: ['a'] }], ...options })
    await expect(of({})).rejects.toMatchObject({ code: 'rollout' })
    await rollBack(control)
    await expect(of({ bundle: was })).rejects.toThrow('has the bundle already')
    await expect(of({ bundle: await putLarge(store, bundleOf(3)) })).rejects.toMatchObject({ code: 'no-way-back' })
    await expect(of({ rings: [{ name: 'a', hosts: ['new'] }] })).rejects.toMatchObject({ code: 'no-way-back' })
    await expect(of({ rings: [] })).rejects.toMatchObject({ code: 'rollout' })
    await expect(of({ rings: [{ name: 'a', hosts: ['a', 'a'] }] })).rejects.toMatchObject({ code: 'rollout' })
    expect(await of({ rings: [{ name: 'a', hosts: ['new'] }], first: true })).toMatchObject({ step: 'draft' })
    expect(await store.get('rollout', 'current')).not.toBeNull()
  })
})

/** One call of one controller, and all that follows without another call. */
const turn = async (s: fc.Scheduler): Promise<void> => {
  await s.waitOne()
  await new Promise((resolve) => setImmediate(resolve))
}

/**
 * Controllers that are held up at any call and go on much later, or are killed: none of them writes the new bundle over
 * the way back.
 */
test('a controller that wakes up late changes nothing', async () => {
  const hosts = ['a', 'b', 'c']
  const rings = [{ name: 'one', hosts: ['a'] }, { name: 'two', hosts: ['b', 'c'] }]
  await fc.assert(fc.asyncProperty(fc.scheduler(), fc.array(fc.nat(50), { minLength: 1, maxLength: 5 }),
    fc.array(fc.integer({ min: 5, max: 200 }), { minLength: 3, maxLength: 3 }), async (s, rounds, lives) => {
      const place = freshPlace()
      const calm = memoryStore(place)
      const { was } = await fleetOf(calm, hosts)
      const { now } = await fleetOf(calm, hosts)
      await startRollout(calm, { bundle: now, rings, gate: quick })
      const controllers = lives.map(async (life) => {
        let calls = 0
        const store = memoryStore(place, async () => {
          await s.schedule(Promise.resolve())
          if ((calls += 1) > life) throw new Error('killed')
        })
        for (;;) await stepRollout(store)
      })
      const ended = Promise.allSettled(controllers)
      for (const round of rounds) {
        for (let i = 0; i < round && s.count() > 0; i += 1) await turn(s)
        await Promise.all(hosts.map((host) => answer(calm, host)))
      }
      await rollBack(calm)
      for (let i = 0; i < 10 && (await stepRollout(calm))!.step !== 'rolled-back';) i += 1
      expect(await readRollout(calm)).toMatchObject({ step: 'rolled-back' })
      while (s.count() > 0) await turn(s)
      for (const host of hosts) expect(await wantOf(calm, host)).toEqual([was, 'enforce'])
      for (const one of await ended) expect(String((one as PromiseRejectedResult).reason)).toContain('killed')
    }), { numRuns: 100, seed: 3 })
})
