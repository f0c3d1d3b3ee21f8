/** Rollouts over real agents, which answer questions all the time and count what they answer. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { joinFleet } from '../agent/agent.ts'
import type { FleetAgent } from '../agent/agent.ts'
import { writeWant } from '../agent/records.ts'
import { buildBundle } from '../bundle/build.ts'
import { readBundle } from '../bundle/container.ts'
import { generateKeys } from '../bundle/keys.ts'
import { signBundle } from '../bundle/sign.ts'
import { folder } from '../store/folder/index.ts'
import { putLarge } from '../store/large.ts'
import { runRollout } from './controller.ts'
import { startRollout } from './start.ts'
import type { Rollout } from './state.ts'

const path = mkdtempSync(join(tmpdir(), 'lsmkit-rollout-'))
const store = folder(join(path, 'store'), { poll: 50 })
const agents: FleetAgent[] = []
let work: NodeJS.Timeout
let bundleOf: (epoch: number, read: readonly string[], back?: readonly Uint8Array[]) => Promise<Uint8Array>

/** Ten decisions of one host; one of ten asks for /data. */
const decide = (agent: FleetAgent): void => {
  for (let i = 0; i < 10; i += 1) {
    const question = { kind: 'path', right: 'read', path: i === 0 ? '/data/a' : '/site/a' }
    const { enforced, permissive } = agent.ask('sandbox', question)
    agent.report({
      decisions: 1, denies: enforced?.allowed === false ? 1 : 0, wouldDenies: permissive?.allowed === false ? 1 : 0,
    })
  }
}

beforeAll(async () => {
  const { secret, public: key } = await generateKeys()
  bundleOf = async (epoch, read, back = []) => signBundle(buildBundle({
    name: 'web', version: String(epoch), epoch, back: back.map((bytes) => readBundle(bytes).id),
  }, { 'sandbox.json': JSON.stringify({ version: 1, allow: { read } }) }), secret)
  const bundle = await putLarge(store, await bundleOf(1, ['/site', '/data']))
  for (const host of ['a', 'b', 'c', 'd', 'e']) {
    await writeWant(store, host, { bundle, mode: 'enforce' })
    agents.push(await joinFleet({
      store, host, state: join(path, host), keys: { keys: [key] }, onExpired: 'keep', beat: 50,
    }))
  }
  work = setInterval(() => agents.forEach(decide), 5)
})
afterAll(async () => {
  clearInterval(work)
  await Promise.all(agents.map((agent) => agent.close()))
  await store.close()
  rmSync(path, { recursive: true })
})

const rings = [{ name: 'canary', hosts: ['a', 'b', 'c'] }, { name: 'rest', hosts: ['d', 'e'] }]

/** Two controllers, of which one is ended early. */
const rolledOut = async (bytes: Uint8Array): Promise<Rollout> => {
  await startRollout(store, { bundle: await putLarge(store, bytes), rings, gate: { soak: 200, leastDecisions: 300 } })
  const early = AbortSignal.timeout(150)
  const [, last] = await Promise.all([
    runRollout(store, { every: 20, signal: early }), runRollout(store, { every: 30 }),
  ])
  return last!
}
const epochs = () => agents.map(({ enforced }) => enforced?.epoch)

test('one that refuses what programs need is stopped while it is permissive, and a good one is done', async () => {
  const first = await bundleOf(1, ['/site', '/data'])
  const bad = await rolledOut(await bundleOf(2, ['/site'], [first]))
  expect(bad).toMatchObject({ step: 'rolled-back', ring: 0, stopped: expect.stringContaining('it would refuse 1') })
  await expect.poll(() => agents.map(({ permissive }) => permissive)).toEqual([null, null, null, null, null])
  expect(epochs()).toEqual([1, 1, 1, 1, 1])
  const good = await rolledOut(await bundleOf(3, ['/site', '/data', '/more'], [first]))
  expect([good.stopped, good.step]).toEqual([null, 'done'])
  expect(epochs()).toEqual([3, 3, 3, 3, 3])
})
