/** An agent that is killed, or has no room, at each of its calls to the disk and to the store. */
import { cpSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
// before the agent, which takes the functions of the disk when it is loaded
import { Life, storeOf, watchDisk } from './faulty-disk.ts'
import type { AgentSettings } from './agent-program.ts'
import type { FaultKind } from './faulty-disk.ts'
import {
  buildBundle, folder, generateKeys, joinFleet, putLarge, readBundle, readHave, signBundle, writeWant,
} from '../../packages/fleet/src/index.ts'
import type { FleetAgent, KeyPair, Store } from '../../packages/fleet/src/index.ts'
import { sleep, startProgram, until } from './processes.ts'
import { openSpool } from '../../packages/fleet/src/spool/open.ts'
import type { Tally } from './tally.ts'

const HOST = 'web-1'
const SECRET = { kind: 'path', right: 'read', path: '/secrets/key' }

interface Scene {
  readonly store: Store
  readonly storePath: string
  readonly state: string
  readonly keys: KeyPair
  readonly digests: readonly [string, string]
}

/** As the system leaves it when a process was killed: nobody listens on its lock. */
const copyState = (from: string, to: string): void => {
  rmSync(to, { recursive: true, force: true })
  cpSync(from, to, { recursive: true, filter: (file) => !basename(file).startsWith('lock-') })
}

let lives = 0

const bundleOf = (epoch: number, back: readonly string[], keys: KeyPair): Promise<Uint8Array> =>
  signBundle(buildBundle({ name: 'web', version: String(epoch), epoch, back }, {
    'sandbox.json': JSON.stringify({ version: 1, allow: { read: ['/site', `/srv/${epoch}`] } }),
  }), keys.secret)

const joined = ({ store, state, keys }: Scene, life: Life, wait: number): Promise<FleetAgent> => {
  watchDisk(state, life)
  return joinFleet({
    store: storeOf(store, life), host: HOST, state, keys: { keys: [keys.public] }, onExpired: 'keep', wait, beat: 1000,
  })
}

/** The epoch that holds, if it refuses the secret. */
const holds = (agent: FleetAgent): number | null =>
  agent.ask('sandbox', SECRET).enforced?.allowed === false ? agent.enforced!.epoch : null

/** A host with the first bundle, asked for the second. */
const sceneOf = async (path: string): Promise<Scene> => {
  const keys = await generateKeys()
  const storePath = join(path, 'store')
  const store = folder(storePath, { poll: 20 })
  const first = await bundleOf(1, [], keys)
  const second = await bundleOf(2, [readBundle(first).id], keys)
  const digests = [await putLarge(store, first), await putLarge(store, second)] as const
  const scene = { store, storePath, state: join(path, 'state'), keys, digests }
  await writeWant(store, HOST, { bundle: digests[0], mode: 'enforce' })
  const agent = await joined(scene, new Life('killed', Infinity), 5000)
  await agent.close()
  copyState(scene.state, `${scene.state}-first`)
  return scene
}

/** Ends the agent of a life. A process that is killed meanwhile never answers. */
const endLife = async (life: Life, joining: Promise<FleetAgent | null>): Promise<FleetAgent | null> => {
  if (life.isKilled) return null
  const agent = await joining
  let isClosed = false
  const closing = Promise.resolve(agent?.close())
  const note = (): void => { isClosed = true }
  void closing.then(note, note)
  await until('a fault, or the end of the agent', () => isClosed || life.isKilled)
  if (!life.isKilled) await closing
  return agent
}

/** `wrong` is null where all is right. `isLast`: the life had its end before this call. */
const runLife = async (
  scene: Scene, kind: FaultKind, at: number,
): Promise<{ wrong: string | null, isLast: boolean }> => {
  const { store, digests } = scene
  const state = `${scene.state}${lives += 1}`
  watchDisk('', null)
  copyState(`${scene.state}-first`, state)
  const want = await writeWant(store, HOST, { bundle: digests[1], mode: 'enforce' })
  const life = new Life(kind, at)
  const done = async (): Promise<boolean> => life.hasHappened || (await readHave(store, HOST))?.want === want
  const joining = joined({ ...scene, state }, life, 5000).catch(() => null)
  await until('a fault, or the end', done)
  const agent = await endLife(life, joining)
  const isLast = !life.hasHappened
  if (kind === 'full' && agent !== null && ![1, 2].includes(holds(agent) ?? 0)) {
    return { wrong: 'nothing holds', isLast }
  }
  life.heal()
  watchDisk('', null)
  const after = { ...scene, state: `${state}-after` }
  copyState(state, after.state)
  return { wrong: await wrongAfter(after, at), isLast }
}

/** Null for an agent that begins again with a bundle, and then gets the next. */
const wrongAfter = async (after: Scene, at: number): Promise<string | null> => {
  // it begins again without a store that answers: only what is on the disk counts
  const resumed = await joined({ ...after, store: folder(`${after.state}-nothing`) }, new Life('killed', Infinity), 0)
  const epoch = holds(resumed)
  await resumed.close()
  if (epoch === null) return `after call ${at} it resumed with nothing`
  const again = await joined(after, new Life('killed', Infinity), 5000)
  await until('the second bundle', () => holds(again) === 2)
  const { error } = again
  await again.close()
  return error === null ? null : `after call ${at}: ${error.message}`
}

/** The same by a process of its own that gets SIGKILL, and leaves its lock and its open files. */
const runProcess = async (scene: Scene, at: number): Promise<{ wrong: string | null, isLast: boolean }> => {
  const { store, storePath, digests, keys } = scene
  const state = `${scene.state}${lives += 1}`
  watchDisk('', null)
  copyState(`${scene.state}-first`, state)
  const want = await writeWant(store, HOST, { bundle: digests[1], mode: 'enforce' })
  let isLast = false
  const settings: AgentSettings = { host: HOST, store: storePath, state, trust: { keys: [keys.public] }, want, at }
  await startProgram(join(import.meta.dirname, 'agent-program.ts'), settings, () => { isLast = true }).ended
  return { wrong: await wrongAfter({ ...scene, state }, at), isLast }
}

const faultWords: Readonly<Record<FaultKind, string>> = {
  killed: 'stopped for good at each call', dies: 'whose process is killed at each call',
  full: 'without room from each call on',
}

const everyCall = async (scene: Scene, kind: FaultKind, tally: Tally): Promise<void> => {
  const wrong: string[] = []
  let calls = 0
  for (let isLast = false; !isLast; calls += 1) {
    const life = await (kind === 'dies' ? runProcess(scene, calls + 1) : runLife(scene, kind, calls + 1))
    isLast = life.isLast
    if (life.wrong !== null) wrong.push(life.wrong)
  }
  const example = wrong[0] === undefined ? '' : `: ${wrong[0]}`
  tally.count(wrong.length === 0 && calls > 10,
    `an agent ${faultWords[kind]}: ${calls - wrong.length} of ${calls} hold a bundle, and then get the next${example}`)
}

/** Clocks that jump: a policy never goes away by itself, and a bundle that is not of the time is refused. */
const clockJumps = async (scene: Scene, tally: Tally): Promise<void> => {
  const real = Date.now.bind(Date)
  const { store, digests, keys } = scene
  const jumps = [86_400_000, -86_400_000, 3650 * 86_400_000, -3650 * 86_400_000, 60_000, -60_000]
  let held = 0
  await writeWant(store, HOST, { bundle: digests[1], mode: 'enforce' })
  const agent = await joined({ ...scene, state: `${scene.state}-clock` }, new Life('killed', Infinity), 5000)
  const third = await putLarge(store, await signBundle(buildBundle({
    name: 'web', version: '3', epoch: 3, notBefore: '2020-01-01T00:00:00Z',
    expires: new Date(real() + 365 * 86_400_000).toISOString().replace(/\.\d+/, ''),
  }, { 'sandbox.json': '{"version":1,"allow":{}}' }), keys.secret))
  for (const jump of jumps) {
    try {
      Date.now = () => real() + jump
      const revision = await writeWant(store, HOST, { bundle: third, mode: 'permissive' })
      await until('an answer', async () => ((await readHave(store, HOST))?.want ?? 0) >= revision)
      const isRefused = Math.abs(jump) > 700 * 86_400_000
      if (holds(agent) === 2 && (agent.error !== null) === isRefused) held += 1
      await writeWant(store, HOST, { bundle: digests[1], mode: 'enforce' })
      await until('the second', () => agent.permissive === null && agent.error === null)
    } finally {
      Date.now = real
    }
  }
  await agent.close()
  tally.count(held === jumps.length, `${held} of ${jumps.length} jumps of a host's clock leave its policy in force`)
}

/** Serials that `fsync` held are read again, or were given to the store. */
const killedSpool = async (path: string, kills: number, tally: Tally): Promise<void> => {
  const folderOf = join(path, 'spool')
  let durable = 0
  for (let i = 0; i < kills; i += 1) {
    const from = durable
    const program = startProgram<{ durable: number }>(join(import.meta.dirname, 'spool-program.ts'),
      { folder: folderOf }, (line) => { durable = Math.max(durable, line.durable) })
    await until('records', () => durable > from)
    await sleep(Math.random() * 150)
    await program.kill()
  }
  const spool = await openSpool(folderOf)
  let next = 1
  for (let chunk = await spool.next(1 << 20); chunk !== null; chunk = await spool.next(1 << 20)) {
    if (chunk.from === next) next = chunk.to + 1
  }
  await spool.close()
  tally.count(durable > 0 && next > durable,
    `${Math.min(next - 1, durable)} of ${durable} records that fsync held are there after ${kills} kills in mid-spool`)
}

export const checkAgentSteps = async (path: string, tally: Tally, quick: boolean): Promise<void> => {
  const scene = await sceneOf(path)
  await everyCall(scene, 'killed', tally)
  await everyCall(scene, 'full', tally)
  await everyCall(scene, 'dies', tally)
  await clockJumps(scene, tally)
  watchDisk('', null)
  await killedSpool(path, quick ? 1 : 12, tally)
  await scene.store.close()
}
