import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EACCES } from '@lsmkit/abi'
import { apparmor } from '@lsmkit/apparmor'
import { PolicyStore } from '@lsmkit/apparmor/query'
import { bpf } from '@lsmkit/bpf'
import type { LoadedObject } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { createSandbox } from '@lsmkit/sandbox'
import { selinux } from '@lsmkit/selinux'
import { smack } from '@lsmkit/smack'
import { loadRules, Policy, queryAccess } from '@lsmkit/smack/engine'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildBundle } from '../bundle/build.ts'
import { readBundle } from '../bundle/container.ts'
import { generateKeys } from '../bundle/keys.ts'
import type { KeyPair } from '../bundle/keys.ts'
import type { BundleSettings } from '../bundle/manifest.ts'
import { signBundle } from '../bundle/sign.ts'
import { folder } from '../store/folder/index.ts'
import { putLarge } from '../store/large.ts'
import type { Store } from '../store/store.ts'
import { joinFleet } from './agent.ts'
import type { FleetAgent } from './agent.ts'
import { DecisionCounts, MOST_COUNTED } from './counts.ts'
import type { FleetOptions } from './options.ts'
import { readHave, writeWant } from './records.ts'
import type { Have, Mode } from './records.ts'

const text = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
const boxOf = (read: readonly string[]) => ({ 'sandbox.json': text({ version: 1, allow: { read } }) })
const smackOf = (rules: string) => ({ 'smack/rules': text(rules) })

let [alice, bob] = [] as unknown as [KeyPair, KeyPair]
beforeAll(async () => {
  [alice, bob] = [await generateKeys(), await generateKeys()]
})

let path = ''
let store: Store
let agents: FleetAgent[] = []
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'lsmkit-agent-'))
  store = folder(join(path, 'store'), { poll: 50 })
})
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.close()))
  agents = []
  await store.close()
  rmSync(path, { recursive: true, force: true })
})

const join1 = async (options: Partial<FleetOptions> = {}): Promise<FleetAgent> => {
  const agent = await joinFleet({
    store, host: 'web-1', state: join(path, 'state'), keys: { keys: [alice.public] }, onExpired: 'keep', wait: 100,
    ...options,
  })
  agents.push(agent)
  return agent
}
const bundleOf = async (
  epoch: number, files: Record<string, Uint8Array>, settings: Partial<BundleSettings> = {}, keys = [alice],
): Promise<Uint8Array> => {
  let bytes = buildBundle({ name: 'web', version: String(epoch), epoch, ...settings }, files)
  for (const { secret } of keys) bytes = await signBundle(bytes, secret)
  return bytes
}
/** Asks the host for a bundle, and waits for its answer. */
const want = async (bytes: Uint8Array, mode: Mode = 'enforce'): Promise<Have> => {
  const revision = await writeWant(store, 'web-1', { bundle: await putLarge(store, bytes), mode })
  for (;;) {
    const have = await readHave(store, 'web-1')
    if (have !== null && have.want >= revision) return have
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
const epochOf = ({ enforced }: Pick<Have, 'enforced'>): number | null => enforced?.epoch ?? null

test('a report that the store takes late does not take the place of a later one', async () => {
  let puts = 0
  let release = (): void => {}
  const gate = new Promise<void>((resolve) => { release = resolve })
  const slow = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name !== 'put') return value.bind(target) as unknown
      return async (...args: Parameters<Store['put']>) => {
        // the first report, which has no bundle, is on its way when the bundle comes
        if ((puts += 1) === 1) await gate
        return target.put(...args)
      }
    },
  })
  const agent = await join1({ store: slow, beat: 20 })
  await expect.poll(() => puts).toBe(1)
  const asked = want(await bundleOf(1, boxOf(['/site'])))
  await expect.poll(() => epochOf(agent)).toBe(1)
  release()
  await asked
  for (let i = 0; i < 5; i += 1) {
    expect(epochOf((await readHave(store, 'web-1'))!)).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
})

describe('a bundle', () => {
  test('holds, and is reported after that', async () => {
    const reports: Have[] = []
    const agent = await join1({ groups: ['canary'], onReport: (have) => reports.push(have) })
    expect(() => agent.sandboxPolicy()).toThrow(expect.objectContaining({ code: 'no-policy' }))
    const have = await want(await bundleOf(1, boxOf(['/site'])))
    expect(have).toMatchObject({ host: 'web-1', groups: ['canary'], enforced: { epoch: 1, name: 'web' }, error: null })
    expect(agent.sandboxPolicy().allow?.read).toEqual(['/site'])
    await expect.poll(() => reports.at(-1)?.enforced?.id).toBe(agent.enforced?.id)
  })

  const question = (answer: string) => ({
    'questions/a.json': text([{ policy: 'sandbox', ask: { kind: 'path', right: 'read', path: '/etc/x' }, answer }]),
  })
  test.each<[why: string, bytes: () => Promise<Uint8Array>, code: string]>([
    ['nobody signed', () => bundleOf(2, boxOf(['/']), {}, []), 'too-few-signatures'],
    ['another signed', () => bundleOf(2, boxOf(['/']), {}, [bob]), 'unknown-key'],
    ['of the same epoch', () => bundleOf(1, boxOf(['/'])), 'old-epoch'],
    ['of another tenant', () => bundleOf(2, boxOf(['/']), { tenant: 'acme' }), 'wrong-tenant'],
    ['that is expired', () => bundleOf(2, boxOf(['/']), { expires: '2020-01-01T00:00:00Z' }), 'expired'],
    ['that needs more', () => bundleOf(2, boxOf(['/']), { needs: { features: ['x'] } }), 'needs'],
    ['whose policy is none', () => bundleOf(2, { 'sandbox.json': text('{') }), 'bad-policy'],
    ['whose question has another answer', () => bundleOf(2, { ...boxOf(['/']), ...question('deny') }),
      'question-failed'],
    ['that is none', async () => text('hello'), 'bad-bundle'],
  ])('%s leaves the one before in force, and the report says why', async (_why, bytes, code) => {
    const agent = await join1()
    await want(await bundleOf(1, boxOf(['/site'])))
    const have = await want(await bytes())
    expect(have).toMatchObject({ enforced: { epoch: 1 }, error: { code } })
    expect(have.error?.message.length).toBeGreaterThan(10)
    expect(agent.sandboxPolicy().allow?.read).toEqual(['/site'])
  })

  test('holds after a restart without a store', async () => {
    const first = await join1()
    await want(await bundleOf(3, boxOf(['/site'])))
    await first.close()
    await store.close()
    const second = await join1({ store: folder(join(path, 'state/state.json/no-store')) })
    expect(second.enforced?.epoch).toBe(3)
    expect(second.sandboxPolicy().allow?.read).toEqual(['/site'])
  })

  test('of a lower epoch is refused after a restart too, unless the last one leads back', async () => {
    const [older, other] = [await bundleOf(1, boxOf(['/a'])), await bundleOf(2, boxOf(['/b']))]
    await (await join1()).close()
    const agent = await join1()
    await want(other)
    await want(await bundleOf(3, boxOf(['/c']), { back: [readBundle(other).id] }))
    await agent.close()
    await join1()
    expect(await want(older)).toMatchObject({ enforced: { epoch: 3 }, error: { code: 'old-epoch' } })
    expect(await want(other)).toMatchObject({ enforced: { epoch: 2 }, error: null })
    // the highest epoch stays what it was
    expect(await want(older)).toMatchObject({ enforced: { epoch: 2 }, error: { code: 'old-epoch' } })
    expect(epochOf(await want(await bundleOf(4, boxOf(['/d']))))).toBe(4)
  })

  test('brings new keys, and the old ones are nothing then', async () => {
    const agent = await join1()
    const keys = { keys: [bob.public], needed: 1 }
    expect(await want(await bundleOf(1, boxOf(['/a']), { keys }))).toMatchObject({ error: { code: 'unknown-key' } })
    expect(await want(await bundleOf(1, boxOf(['/a']), { keys }, [alice, bob]))).toMatchObject({ error: null })
    expect(await want(await bundleOf(2, boxOf(['/b'])))).toMatchObject({ error: { code: 'unknown-key' } })
    await agent.close()
    await join1()
    expect(epochOf(await want(await bundleOf(3, boxOf(['/c']), {}, [bob])))).toBe(3)
  })

  test('that the host is brought back to does not bring back its keys', async () => {
    await join1()
    const [aKeys, bKeys] = [{ keys: [alice.public] }, { keys: [bob.public] }]
    const older = await bundleOf(1, boxOf(['/a']), { keys: aKeys }, [alice, bob])
    await want(older)
    await want(await bundleOf(2, boxOf(['/b']), { keys: bKeys, back: [readBundle(older).id] }, [alice, bob]))
    expect(await want(older)).toMatchObject({ enforced: { epoch: 1 }, error: null })
    expect(await want(await bundleOf(3, boxOf(['/c'])))).toMatchObject({ error: { code: 'unknown-key' } })
    expect(epochOf(await want(await bundleOf(3, boxOf(['/c']), {}, [bob])))).toBe(3)
  })

  test('that is permissive is asked, and changes nothing', async () => {
    const agent = await join1()
    await want(await bundleOf(1, boxOf(['/site'])))
    const next = await bundleOf(2, boxOf(['/']))
    expect(await want(next, 'permissive')).toMatchObject({ enforced: { epoch: 1 }, permissive: { epoch: 2 } })
    expect(agent.sandboxPolicy().allow?.read).toEqual(['/site'])
    const asked = agent.ask('sandbox', { kind: 'path', right: 'read', path: '/etc/x' })
    expect(asked).toMatchObject({ enforced: { allowed: false }, permissive: { allowed: true } })
    // not even the bundle that holds becomes permissive
    expect(await want(await bundleOf(1, boxOf(['/site'])), 'permissive')).toMatchObject({ enforced: { epoch: 1 } })
    expect(await want(next)).toMatchObject({ enforced: { epoch: 2 }, permissive: null })
  })

  test('that `apply` refuses is not applied, and `apply` gets the one before again', async () => {
    const seen: string[] = []
    await join1({ apply: ({ manifest: { version } }) => {
      seen.push(version)
      if (version === '2') throw new Error('no room')
    } })
    await want(await bundleOf(1, boxOf(['/a'])))
    const have = await want(await bundleOf(2, boxOf(['/b'])))
    expect(have).toMatchObject({ enforced: { epoch: 1 }, error: { code: 'not-applied' } })
    expect(have.error?.message).toContain('no room')
    expect(seen).toEqual(['1', '2', '1'])
  })
})

test('agents with the same keys share what is compiled, and each verifies by itself', async () => {
  const two = await bundleOf(1, { ...boxOf(['/site']), ...smackOf('Web Data r') }, {}, [alice, bob])
  const other = (host: string, options: Partial<FleetOptions> = {}) =>
    join1({ host, state: join(path, host), wait: 5000, ...options })
  const bundle = await putLarge(store, two)
  for (const host of ['a', 'b', 'c', 'd']) await writeWant(store, host, { bundle, mode: 'enforce' })
  const [a, b] = [await other('a'), await other('b')]
  const c = await other('c', { keys: { keys: [alice.public, bob.public], needed: 2 } })
  expect(b.sandboxPolicy()).toBe(a.sandboxPolicy())
  expect(c.sandboxPolicy()).not.toBe(a.sandboxPolicy())
  expect(c.sandboxPolicy()).toEqual(a.sandboxPolicy())
  const stranger = await generateKeys()
  expect(await other('d', { keys: { keys: [stranger.public] } })).toMatchObject({
    enforced: null, error: { code: 'unknown-key' },
  })
  // nothing that one gets can be changed for the others
  expect(() => (a.sandboxPolicy().allow!.read as string[]).push('/')).toThrow(TypeError)
  loadRules(a.policy('smack').policy, 'Web Data rwx')
  const write = { subject: 'Web', object: 'Data', access: 'w' }
  for (const agent of [a, b]) expect(agent.ask('smack', write).enforced?.allowed).toBe(false)
})

test('what the program counts is reported by bundle, and those of long ago are forgotten', async () => {
  const agent = await join1({ beat: 20 })
  agent.report({ decisions: 5, denies: 1 })
  const first = (await want(await bundleOf(1, boxOf(['/site'])))).enforced!.bundle
  agent.report({ decisions: 10, denies: 1 })
  const second = (await want(await bundleOf(2, boxOf(['/'])), 'permissive')).permissive!.bundle
  agent.report({ decisions: 10, denies: 2, wouldDenies: 3 })
  await expect.poll(async () => (await readHave(store, 'web-1'))?.counts).toEqual([
    { bundle: first, decisions: 20, denies: 3, wouldDenies: 0 },
    { bundle: second, decisions: 10, denies: 0, wouldDenies: 3 },
  ])
  expect(() => agent.report({ decisions: -1 })).toThrow(expect.objectContaining({ code: 'bad-option' }))
  const counts = new DecisionCounts()
  for (let i = 0; i < 20; i += 1) counts.add({ decisions: 1 }, `bundle-${i}`, null)
  expect(counts.all().map(({ bundle }) => bundle)).toEqual(
    Array.from({ length: MOST_COUNTED }, (_, i) => `bundle-${20 - MOST_COUNTED + i}`))
})

test('a wish that cannot be read is an error, and nothing else', async () => {
  await join1()
  const revision = await store.put('want', 'web-1', text('{"format":1}'))
  await expect.poll(async () => (await readHave(store, 'web-1'))?.want).toBe(revision)
  expect(await readHave(store, 'web-1')).toMatchObject({ enforced: null, error: { code: 'damaged' } })
})

test('a state that cannot be read stops the agent: its epoch must not begin anew', async () => {
  await (await join1()).close()
  await expect(join1({ state: join(path, 'other'), host: '../x' })).rejects.toMatchObject({ code: 'bad-key' })
  writeFileSync(join(path, 'state/state.json'), '{')
  await expect(join1()).rejects.toMatchObject({ code: 'damaged' })
})

describe('boxes of a fleet', () => {
  test('have its policy, and may have less, and never more', async () => {
    const agent = await join1()
    await want(await bundleOf(1, boxOf(['/site'])))
    const box = await createSandbox({ fleet: agent, inline: true, files: { '/site/a': 'text' } })
    expect((await box.explain()).allow?.read).toEqual(['/site'])
    await createSandbox({ fleet: agent, inline: true, allow: { read: ['/site/sub'] } })
    await expect(createSandbox({ fleet: agent, inline: true, allow: { read: ['/etc'] } }))
      .rejects.toMatchObject({ code: 'wider' })
    await box.close()
  })

  test('begin nothing under a policy that has become narrower', async () => {
    const agent = await join1()
    await want(await bundleOf(1, boxOf(['/site', '/data'])))
    const box = await createSandbox({ fleet: agent, inline: true })
    await want(await bundleOf(2, boxOf(['/site', '/data', '/more'])))
    expect((await box.run('/no/program')).status).toBe(127)
    await want(await bundleOf(3, boxOf(['/site'])))
    await expect(box.run('/no/program')).rejects.toMatchObject({ code: 'wider' })
    await box.close()
  })

  test('begin nothing when it is expired, if that was chosen', async () => {
    const agent = await join1({ onExpired: 'deny' })
    const expires = new Date(Date.now() + 2000).toISOString().replace(/\.\d+Z/, 'Z')
    const have = await want(await bundleOf(1, boxOf(['/site']), { expires }))
    expect(have.error).toBeNull()
    const box = await createSandbox({ fleet: agent, inline: true })
    await expect.poll(() => agent.isExpired).toBe(true)
    await expect(box.run('/no/program')).rejects.toMatchObject({ code: 'expired' })
    await expect(createSandbox({ fleet: agent })).rejects.toMatchObject({ code: 'expired' })
    await box.close()
  })
})

describe('stacks of a fleet', () => {
  const may = (policy: Policy, object: string): boolean =>
    queryAccess(policy, { subject: 'Web', object, request: 4 }) !== 'deny'

  test('get each policy, and rules that are gone grant nothing', async () => {
    const policy = new Policy()
    const stack = createStack({ lsms: [capability(), smack({ policy })] })
    const agent = await join1()
    await want(await bundleOf(1, smackOf('Web A r\nWeb B r\n')))
    agent.attach(stack, { smack: policy })
    expect([may(policy, 'A'), may(policy, 'B')]).toEqual([true, true])
    await want(await bundleOf(2, smackOf('Web B r\nWeb C r\n')))
    expect([may(policy, 'A'), may(policy, 'B'), may(policy, 'C')]).toEqual([false, true, true])
  })

  test('take all of a bundle or none, and programs of BPF go when they are gone from it', async () => {
    const [policy, lsm] = [new Policy(), bpf()]
    const stack = createStack({ lsms: [capability(), smack({ policy }), lsm] })
    const loaded: LoadedObject[] = []
    let isBroken = false
    const agent = await join1()
    agent.attach(stack, { smack: policy, bpf: { load: (on, bytes) => {
      if (isBroken) throw new Error('no room')
      const object = lsm.load(on, bytes)
      loaded.push(object)
      return object
    } } })
    const object = readFileSync(new URL('../../../../examples/bpf-object/no-writes.o', import.meta.url))
    const bytes = { 'bpf/no-writes.o': new Uint8Array(object) }
    const more = { ...bytes, 'bpf/again.o': new Uint8Array(object) }
    expect(await want(await bundleOf(1, { ...smackOf('Web A r\n'), ...bytes }))).toMatchObject({ error: null })
    isBroken = true
    const have = await want(await bundleOf(2, { ...smackOf('Web B r\n'), ...more }))
    expect(have).toMatchObject({ enforced: { epoch: 1 }, error: { code: 'not-applied' } })
    expect([may(policy, 'A'), may(policy, 'B')]).toEqual([true, false])
    isBroken = false
    expect(loaded).toHaveLength(1)
    expect(await want(await bundleOf(3, smackOf('Web B r\n')))).toMatchObject({ error: null })
    expect(() => loaded[0]!.attachAll()).toThrow('it was unloaded')
  })

  test('load SELinux, and what cannot be loaded changes nothing', async () => {
    const lsm = selinux()
    const stack = createStack({ lsms: [capability(), lsm] })
    const agent = await join1()
    agent.attach(stack, { selinux: lsm })
    const cil = readFileSync(new URL('../../../../examples/policy-test/web.cil', import.meta.url))
    expect(await want(await bundleOf(1, { 'selinux/web.cil': new Uint8Array(cil) }))).toMatchObject({ error: null })
    expect(agent.policy('selinux').binary.length).toBeGreaterThan(100)
    expect(await want(await bundleOf(2, { 'selinux/web.cil': text('(class x (y))') }))).toMatchObject({
      enforced: { epoch: 1 }, error: { code: 'bad-policy' },
    })
  })

  /** A module with a policy of its own, a part of a bundle for it, and what holds. */
  const modules = {
    smack: () => {
      const policy = new Policy()
      loadRules(policy, 'Web Own r\n')
      const holds = () => (may(policy, 'Own') ? 'own' : may(policy, 'A') ? 'fleet' : 'none')
      return { lsm: smack({ policy }), handles: { smack: policy }, part: smackOf('Web A r\n'), holds }
    },
    apparmor: () => {
      const policy = new PolicyStore()
      const holds = () => (policy.root.profiles.some(({ name }) => name === 'web') ? 'fleet' : 'own')
      const part = { 'apparmor/web': text('profile web /usr/bin/web { /site/** r, }') }
      return { lsm: apparmor({ policy }), handles: { apparmor: policy }, part, holds }
    },
    selinux: () => {
      const lsm = selinux()
      const cil = readFileSync(new URL('../../../../examples/policy-test/web.cil', import.meta.url))
      let held = 'own'
      const load = (policy: Uint8Array): void => {
        lsm.load(policy)
        held = 'fleet'
      }
      const part = { 'selinux/web.cil': new Uint8Array(cil) }
      return { lsm, handles: { selinux: { load } }, part, holds: () => held }
    },
  }
  test.each([
    ['smack', null, 'own'], ['apparmor', null, 'own'], ['selinux', 'needs', 'fleet'],
  ] as const)('keep the policy of %s in later bundles; the error of the way back is %s', async (name, code, last) => {
    const { lsm, handles, part, holds } = modules[name]()
    const agent = await join1()
    agent.attach(createStack({ lsms: [capability(), lsm] }), handles)
    const first = await bundleOf(1, boxOf(['/a']))
    await want(first)
    expect(holds()).toBe('own')
    const back = [readBundle(first).id]
    expect(await want(await bundleOf(2, { ...boxOf(['/b']), ...part }, { back }))).toMatchObject({ error: null })
    expect(holds()).toBe('fleet')
    const without = await bundleOf(3, boxOf(['/c']))
    // the canary says it before anything holds
    expect(await want(without, 'permissive')).toMatchObject({ permissive: null, error: { code: 'needs' } })
    const later = await want(without)
    expect(later).toMatchObject({ enforced: { epoch: 2 }, error: { code: 'needs' } })
    expect(later.error?.message).toContain(`no policy for \`${name}\``)
    expect(holds()).toBe('fleet')
    expect((await want(first)).error?.code ?? null).toBe(code)
    expect(holds()).toBe(last)
  })

  test.each(['smack', 'apparmor'] as const)('have for %s what they had when a first bundle fails', async (name) => {
    const { lsm, handles, part, holds } = modules[name]()
    const agent = await join1()
    let before = ''
    agent.attach(createStack({ lsms: [capability(), lsm, bpf()] }), { ...handles, bpf: { load: () => {
      before = holds()
      throw new Error('no room')
    } } })
    const object = readFileSync(new URL('../../../../examples/bpf-object/no-writes.o', import.meta.url))
    const have = await want(await bundleOf(1, { ...part, 'bpf/no-writes.o': new Uint8Array(object) }))
    expect(have).toMatchObject({ enforced: null, error: { code: 'not-applied' } })
    expect([before, holds()]).toEqual(['fleet', 'own'])
  })

  test('refuse a bundle for modules that they do not have', async () => {
    const stack = createStack({ lsms: [capability(), smack()] })
    const agent = await join1()
    agent.attach(createStack({ lsms: [capability()] }))
    const have = await want(await bundleOf(1, smackOf('Web A r\n')))
    expect(have).toMatchObject({ enforced: null, error: { code: 'needs' } })
    expect(() => agent.attach(stack, { zzz: 1 } as never)).toThrow('there is no option `zzz`')
    expect(await want(await bundleOf(2, boxOf([])))).toMatchObject({ error: null })
  })

  test('refuse what tasks would begin when the policy is expired, if that was chosen', async () => {
    const stack = createStack({ lsms: [capability()] })
    const agent = await join1({ onExpired: 'deny', beat: 50 })
    agent.attach(stack)
    const open = () => stack.lsm.task_kill.ask(stack.current.task, {} as never, 0, null)
    const expires = new Date(Date.now() + 2000).toISOString().replace(/\.\d+Z/, 'Z')
    await want(await bundleOf(1, boxOf([]), { expires }))
    expect(open()).toBe(0)
    await expect.poll(open).toBe(-EACCES)
    await want(await bundleOf(2, boxOf([])))
    expect(open()).toBe(0)
  })
})
