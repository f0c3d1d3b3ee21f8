import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EACCES } from '@lsmkit/abi'
import { createStack, defineLsm } from '@lsmkit/core'
import type { Stack } from '@lsmkit/core'
import type { Denial } from '@lsmkit/sandbox'
import { selinux } from '@lsmkit/selinux'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildBundle } from '../bundle/build.ts'
import { generateKeys } from '../bundle/keys.ts'
import type { KeyPair } from '../bundle/keys.ts'
import { signBundle } from '../bundle/sign.ts'
import type { FleetDecision, FleetRecord } from '../decisions/decision.ts'
import { readDecisions } from '../decisions/read.ts'
import { folder } from '../store/folder/index.ts'
import { putLarge } from '../store/large.ts'
import type { Store } from '../store/store.ts'
import { pause } from '../store/waiting.ts'
import { joinFleet } from './agent.ts'
import type { FleetAgent } from './agent.ts'
import type { FleetOptions } from './options.ts'
import { readHave, writeWant } from './records.ts'
import type { Mode } from './records.ts'

let key: KeyPair
beforeAll(async () => {
  key = await generateKeys()
})

let path = ''
let store: Store
let agents: FleetAgent[] = []
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'lsmkit-decisions-'))
  store = folder(join(path, 'store'), { poll: 20 })
})
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.close()))
  agents = []
  await store.close()
  rmSync(path, { recursive: true, force: true })
})

const joined = async (options: Partial<FleetOptions> = {}): Promise<FleetAgent> => {
  const agent = await joinFleet({
    store, host: 'web-1', state: join(path, 'state'), keys: { keys: [key.public] }, onExpired: 'keep', wait: 20,
    beat: 20, ...options,
  })
  agents.push(agent)
  return agent
}
const wanted = async (agent: FleetAgent, epoch: number, read: string, mode: Mode): Promise<void> =>
  wantedFiles(agent, epoch, { 'sandbox.json': JSON.stringify({ version: 1, allow: { read: [read] } }) }, mode)
const wantedFiles = async (
  agent: FleetAgent, epoch: number, texts: Record<string, string>, mode: Mode,
): Promise<void> => {
  const files = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]))
  const bytes = await signBundle(buildBundle({ name: 'web', version: '1', epoch }, files), key.secret)
  await writeWant(store, 'web-1', { bundle: await putLarge(store, bytes), mode })
  await expect.poll(() => (mode === 'enforce' ? agent.enforced : agent.permissive)?.epoch).toBe(epoch)
}
/** Refuses a question with a number over 9. */
const stackOf = (): Stack => createStack({ capability: 'none', lsms: [defineLsm({
  name: 'own', abi: '1.0', id: 300, hooks: {
    socket_create: (_family, type) => (type > 9 ? -EACCES : 0), task_getsid: () => -EACCES,
  },
})] })
const ask = (stack: Stack, type: number): number => stack.lsm.socket_create.ask(2, type, 0, 0)
/** Whether a module beside is on a hook that the agent itself does not count. */
const watched = (stack: Stack): boolean =>
  stack.explain().toJSON().hooks.some(({ hook, around }) =>
    hook === 'inode_mkdir' && around.includes('programs around it'))
const read = async (): Promise<FleetRecord[]> => {
  const found: FleetRecord[] = []
  for await (const record of readDecisions(store)) found.push(record)
  return found
}
const denialOf = (name: string): Denial =>
  ({ record: { kind: 'call', by: 'mode', call: 'openat', rc: -13, path: name, time: 1 } }) as Denial

describe('decisions of a host', () => {
  test('a stack is counted and its refusals are sent, without code of yours', async () => {
    const agent = await joined()
    await wanted(agent, 1, '/site', 'enforce')
    const stack = stackOf()
    const detach = agent.attach(stack, { name: 'api' })
    for (const type of [1, 2, 10]) ask(stack, type)
    stack.lsm.task_getsid.ask(stack.current.task)
    detach()
    ask(stack, 11)
    await expect.poll(async () => (await readHave(store, 'web-1'))?.counts[0])
      .toMatchObject({ decisions: 4, denies: 2 })
    await agent.close()
    const records = await read()
    expect(records.filter((one): one is FleetDecision => one.kind === 'decision')).toMatchObject([
      { host: 'web-1', serial: 1, source: 'api', verdict: 'deny', record: { hook: 'socket_create', lsm: 'own' } },
      { serial: 2, record: { hook: 'task_getsid' } },
    ])
    expect(records.find(({ kind }) => kind === 'counts')).toMatchObject({
      counts: [{ source: 'api', operation: 'socket_create', verdict: 'allow', count: 2 }],
    })
  })

  test('serials go on over a restart, and no decision is twice', async () => {
    const first = await joined()
    first.onDenial(denialOf('/a'))
    await first.close()
    const second = await joined()
    second.onDenial(denialOf('/b'))
    await second.close()
    expect((await read()).map((one) => 'serial' in one && one.serial)).toEqual([1, 2])
  })

  test('a bundle that is asked is counted by what it would have refused', async () => {
    const agent = await joined()
    await wanted(agent, 1, '/', 'enforce')
    await wanted(agent, 2, '/site', 'permissive')
    agent.onAccesses([
      { question: { kind: 'path', right: 'read', path: '/site/a' }, count: 3 },
      { question: { kind: 'path', right: 'read', path: '/etc/x' }, count: 2 },
    ])
    agent.onDenial(denialOf('/b'))
    await expect.poll(async () => (await readHave(store, 'web-1'))?.counts).toMatchObject([
      { decisions: 6, denies: 1, wouldDenies: 0 }, { decisions: 6, denies: 0, wouldDenies: 2 },
    ])
    const asked = agent.permissive!.bundle
    await agent.close()
    expect((await read()).filter(({ kind }) => kind === 'decision')).toMatchObject([
      { verdict: 'would-deny', bundle: asked, record: { object: { path: '/etc/x' } } }, { verdict: 'deny' },
    ])
  })

  describe('of SELinux in a stack, beside a permissive bundle', () => {
    const policyOf = (type: string, permissions: string) => ({ 'selinux/web.cil': `
(handleunknown deny) (mls true) (class tcp_socket (create bind)) (class udp_socket (create))
(class process (transition dyntransition))
(classorder (tcp_socket udp_socket process))
(type ${type}) (allow ${type} self (udp_socket (create)))
(allow ${type} self (tcp_socket (${permissions}))) (role object_r) (role system_r) (roletype system_r ${type})
(user system_u) (userrole system_u system_r) (userrole system_u object_r) (userlevel system_u (s0))
(userrange system_u ((s0) (s0))) (sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0))
(sensitivitycategory s0 (c0)) (sid kernel) (sidorder (kernel))
(sidcontext kernel (system_u system_r ${type} ((s0) (s0))))
` })
    const TCP = 1
    const UDP = 2
    test.each<[next: string, type: string, permissions: string, types: number[], refused: string[]]>([
      ['takes a permission away', 'web_t', 'bind', [TCP, UDP], ['tcp_socket create, no rule']],
      ['allows the same', 'web_t', 'create bind', [TCP, UDP], []],
      ['does not know the context', 'other_t', 'create bind', [UDP], ['udp_socket create, does not know']],
    ])('one that %s', async (_next, type, permissions, types, refused) => {
      const lsm = selinux()
      const stack = createStack({ lsms: [lsm], capability: 'none' })
      const agent = await joined()
      agent.attach(stack, { selinux: lsm, name: 'api' })
      await wantedFiles(agent, 1, policyOf('web_t', 'create bind'), 'enforce')
      await wantedFiles(agent, 2, policyOf(type, permissions), 'permissive')
      const asked = agent.permissive!.bundle
      expect(watched(stack)).toBe(true)
      for (const each of types) expect(ask(stack, each)).toBe(0)
      const have = { decisions: types.length, denies: 0, wouldDenies: refused.length }
      const counts = async () => (await readHave(store, 'web-1'))?.counts.find(({ bundle }) => bundle === asked)
      await expect.poll(counts).toMatchObject(have)
      // the stage ends
      await wantedFiles(agent, 3, policyOf('web_t', 'create'), 'enforce')
      expect(watched(stack)).toBe(false)
      for (const each of types) expect(ask(stack, each)).toBe(0)
      await agent.close()
      expect(await counts()).toMatchObject(have)
      const found = (await read()).filter((one): one is FleetDecision => one.kind === 'decision')
      expect(found).toMatchObject(refused.map((text) => ({
        verdict: 'would-deny', source: 'api', bundle: asked, record: {
          kind: 'would-deny', lsm: 'selinux', hook: 'socket_create',
          reason: expect.stringContaining(text.split(', ')[1]!) as string,
          details: {
            scontext: 'system_u:system_r:web_t:s0', tcontext: 'system_u:system_r:web_t:s0',
            tclass: text.split(' ')[0], permissions: 'create',
          },
        },
      })))
    })
  })

  test('a store that is away holds up nobody, and gets all of it later', async () => {
    let isAway = true
    const away: Store = { ...bound(store), append: async (...args) => {
      if (isAway) throw new Error('away')
      return store.append(...args)
    } }
    const agent = await joined({ store: away })
    for (let n = 0; n < 100; n += 1) agent.onDenial(denialOf(`/${n}`))
    await expect.poll(async () => (await readHave(store, 'web-1'))?.decisions?.error).toBe('away')
    expect((await readHave(store, 'web-1'))?.decisions).toMatchObject({ waiting: 100, lost: 0, full: false })
    isAway = false
    await expect.poll(async () => (await readHave(store, 'web-1'))?.decisions?.waiting).toBe(0)
    expect((await read()).length).toBe(100)
  })

  test('where none may be lost, nothing more is begun without room', async () => {
    const back = new AbortController()
    const away: Store = { ...bound(store), append: async (...args) => {
      await pause(1e6, back.signal)
      return store.append(...args)
    } }
    const spool = { mostBytes: 64 * 1024, full: 'block', syncMs: 1 } as const
    const agent = await joined({ store: away, decisions: { spool } })
    await wanted(agent, 1, '/site', 'enforce')
    const stack = stackOf()
    agent.attach(stack)
    expect(ask(stack, 1)).toBe(0)
    for (let n = 0; n < 300; n += 1) agent.onDenial(denialOf(`/${'x'.repeat(200)}${n}`))
    expect(ask(stack, 1)).toBe(-EACCES)
    expect(() => agent.sandboxPolicy()).toThrow(expect.objectContaining({ code: 'spool-full' }))
    back.abort()
    await expect.poll(() => ask(stack, 1)).toBe(0)
    expect(agent.sandboxPolicy().allow?.read).toEqual(['/site'])
  })

  test('none are sent where you say so, and they are counted', async () => {
    const agent = await joined({ decisions: false })
    await wanted(agent, 1, '/site', 'enforce')
    agent.onDenial(denialOf('/a'))
    await expect.poll(async () => (await readHave(store, 'web-1'))?.counts[0]?.denies).toBe(1)
    await agent.close()
    expect(await read()).toEqual([])
  })

  test.each<[why: string, decisions: FleetOptions['decisions'], code: string]>([
    ['a filter', { rules: [{ when: 'modul = x' }] }, 'bad-filter'],
    ['a digest without a key', { rules: [{ mask: { path: 'digest' } }] }, 'bad-option'],
    ['a mask of no field', { rules: [{ mask: { pth: 'hide' } as object }] }, 'unknown-option'],
  ])('%s is refused at once', async (_why, decisions, code) => {
    await expect(joined({ decisions: decisions! })).rejects.toMatchObject({ code })
  })
})

const bound = (of: Store): Store => ({
  name: of.name, get: of.get.bind(of), put: of.put.bind(of), swap: of.swap.bind(of), remove: of.remove.bind(of),
  list: of.list.bind(of), watch: of.watch.bind(of), append: of.append.bind(of), read: of.read.bind(of),
  close: async () => {},
})

describe('a folder of an agent', () => {
  test('is used by one at a time', async () => {
    const agent = await joined()
    await expect(joined()).rejects.toMatchObject({ code: 'locked' })
    await agent.close()
    await (await joined()).close()
    // of ten that begin together one has it, or none
    const tried = await Promise.allSettled(Array.from({ length: 10 }, () => joined()))
    expect(tried.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1)
  })

  test.skipIf(process.platform !== 'linux')('may have a long name', async () => {
    const state = join(path, 'x'.repeat(120), 'state')
    await joined({ state })
    await expect(joined({ state })).rejects.toMatchObject({ code: 'locked' })
  })
})
