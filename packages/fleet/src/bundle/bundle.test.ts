import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { compileBundle } from '../policy/compiled-bundle.ts'
import { proveBundle } from '../policy/prove.ts'
import { hostFacts } from '../testing/host-facts.ts'
import { buildBundle, buildBundleOf } from './build.ts'
import { bundleBytes, readBundle } from './container.ts'
import { bundleChanges } from './diff.ts'
import { generateKeys, keyId, parsePublicKey, parseSecretKey } from './keys.ts'
import type { KeyPair } from './keys.ts'
import type { BundleSettings } from './manifest.ts'
import { signBundle } from './sign.ts'
import { verifyBundle } from './verify.ts'
import type { VerifyContext } from './verify.ts'
import { isAtLeast } from './versions.ts'

const text = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
const settings: BundleSettings = { name: 'web', version: '1', epoch: 5 }
const files = {
  'sandbox.json': text({ version: 1, allow: { read: ['/site'], write: ['/site/out'] } }),
  'smack/rules': text('Web Data r\n'),
  'questions/basic.json': text([
    { policy: 'sandbox', ask: { kind: 'path', right: 'read', path: '/site/a' }, answer: 'allow' },
    { policy: 'sandbox', ask: { kind: 'path', right: 'read', path: '/etc/shadow' }, answer: 'deny' },
    { policy: 'smack', ask: { subject: 'Web', object: 'Data', access: 'r' }, answer: 'allow' },
    { policy: 'smack', ask: { subject: 'Web', object: 'Data', access: 'w' }, answer: 'deny' },
  ]),
}
let [one, two, three] = [] as unknown as [KeyPair, KeyPair, KeyPair]
beforeAll(async () => {
  [one, two, three] = [await generateKeys(), await generateKeys(), await generateKeys()]
})

const context = (changes: Partial<VerifyContext> = {}): VerifyContext => ({
  trust: { keys: [one.public, two.public], needed: 2 }, tenant: 'acme', highest: null, host: hostFacts(),
  now: Date.parse('2026-12-01T00:00:00Z'), ...changes,
})
const signed = async (given: Partial<BundleSettings> = {}, keys = [one, two]): Promise<Uint8Array> => {
  let bytes = buildBundle({ ...settings, ...given }, files)
  for (const { secret } of keys) bytes = await signBundle(bytes, secret)
  return bytes
}
const codeOf = async (work: () => unknown): Promise<string> => {
  try {
    await work()
    return 'taken'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

describe('a bundle', () => {
  test('of the same files has the same bytes, in whatever order they are given', () => {
    const turned = Object.fromEntries(Object.entries(files).reverse())
    expect(buildBundle({ epoch: 5, version: '1', name: 'web' }, turned)).toEqual(buildBundle(settings, files))
  })

  test('is read as it was built, and its id does not change when it is signed', async () => {
    const bare = readBundle(buildBundle(settings, files))
    expect([...bare.parts.keys()]).toEqual(['questions/basic.json', 'sandbox.json', 'smack/rules'])
    expect(bare.parts.get('smack/rules')).toEqual(files['smack/rules'])
    expect(readBundle(await signed()).id).toBe(bare.id)
  })

  test('is signed in any order, and twice by one key as once', async () => {
    const there = await signed({}, [one, two])
    expect(await signed({}, [two, one, two])).toEqual(there)
  })

  test('of a folder has its parts, and neither links nor other files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lsmkit-bundle-'))
    mkdirSync(join(folder, 'smack'))
    writeFileSync(join(folder, 'bundle.json'), JSON.stringify(settings))
    writeFileSync(join(folder, 'smack/rules'), files['smack/rules'])
    writeFileSync(join(folder, '.gitignore'), '')
    expect(await buildBundleOf(folder)).toEqual(buildBundle(settings, { 'smack/rules': files['smack/rules'] }))
    expect(readBundle(await buildBundleOf(folder, { epoch: 6 })).manifest.epoch).toBe(6)
    symlinkSync('/etc/passwd', join(folder, 'smack/link'))
    expect(await codeOf(() => buildBundleOf(folder))).toBe('bad-bundle')
    expect(await codeOf(() => buildBundleOf(join(folder, 'smack')))).toBe('bad-bundle')
    expect(await codeOf(() => buildBundleOf(join(folder, 'nothing')))).toBe('not-there')
    rmSync(folder, { recursive: true })
  })

  test.each<[why: string, given: object, parts: Record<string, Uint8Array>]>([
    ['unknown-option: a field that there is not', { ...settings, zzz: 1 }, {}],
    ['bad-option: no name', { version: '1', epoch: 1 }, {}],
    ['bad-option: epoch 0', { ...settings, epoch: 0 }, {}],
    ['bad-option: a time that is none', { ...settings, expires: 'tomorrow' }, {}],
    ['bad-key-file: more signatures than keys', { ...settings, keys: { keys: [], needed: 1 } }, {}],
    ['bad-bundle: a path outside', settings, { '../x': text('') }],
    ['bad-bundle: a part of no kind', settings, { 'notes.txt': text('') }],
  ])('is not built: %s', async (why, given, parts) => {
    expect(await codeOf(() => buildBundle(given as BundleSettings, parts))).toBe(why.split(':')[0])
  })
})

describe('verifying', () => {
  const year = { expires: '2027-01-01T00:00:00Z' }
  const highest = { epoch: 5, id: '0'.repeat(64), back: [] }
  test.each<[why: string, bytes: () => Promise<Uint8Array>, code: string, changes?: () => Partial<VerifyContext>]>([
    ['two of two signatures', () => signed(), 'taken'],
    ['one of two signatures', () => signed({}, [one]), 'too-few-signatures'],
    ['the same key twice', () => signed({}, [one, one]), 'too-few-signatures'],
    ['no signature', () => signed({}, []), 'too-few-signatures'],
    ['another key', () => signed({}, [three]), 'unknown-key'],
    ['one that is enough', () => signed({}, [one]), 'taken', () => ({ trust: { keys: [one.public] } })],
    ['its tenant', () => signed({ tenant: 'acme' }), 'taken'],
    ['another tenant', () => signed({ tenant: 'other' }), 'wrong-tenant'],
    ['a tenant, and the host has none', () => signed({ tenant: 'acme' }), 'wrong-tenant', () => ({ tenant: null })],
    ['a time to come', () => signed(year), 'taken'],
    ['a time that is over', () => signed(year), 'expired', () => ({ now: Date.parse('2027-01-01T00:00:00Z') })],
    ['a start to come', () => signed({ notBefore: '2026-12-02T00:00:00Z' }), 'not-yet'],
    ['a higher epoch', () => signed({ epoch: 6 }), 'taken', () => ({ highest })],
    ['a lower epoch', () => signed({ epoch: 4 }), 'old-epoch', () => ({ highest })],
    ['another bundle of the epoch', () => signed(), 'old-epoch', () => ({ highest })],
    ['another system', () => signed({ needs: { os: ['plan9'] } }), 'needs'],
    ['a feature that the host lacks', () => signed({ needs: { features: ['native'] } }), 'needs'],
    ['features that it has', () => signed({ needs: { features: ['fast'], os: ['linux'], node: '20.19' } }), 'taken'],
    ['a newer lsmkit', () => signed({ least: { lsmkit: '99.0.0' } }), 'needs'],
    ['a newer module', () => signed({ least: { modules: { '@lsmkit/smack': '99.0' } } }), 'needs'],
    ['a module that is not there', () => signed({ least: { modules: { zzz: '1' } } }), 'needs'],
    ['new keys that have not signed', () => signed({ keys: { keys: [three.public] } }), 'unknown-key'],
    ['new keys that have', () => signed({ keys: { keys: [three.public] } }, [one, two, three]), 'taken'],
    ['new keys alone', () => signed({ keys: { keys: [three.public] } }, [three]), 'unknown-key'],
  ])('%s', async (_why, bytes, code, changes) => {
    expect(await codeOf(async () => verifyBundle(await bytes(), context(changes?.())))).toBe(code)
  })

  test('the same bundle again, and one that the highest leads back to, are taken', async () => {
    const [bytes, older] = [await signed(), await signed({ epoch: 4 })]
    const { id } = readBundle(bytes)
    expect((await verifyBundle(bytes, context({ highest: { epoch: 5, id, back: [] } }))).id).toBe(id)
    const back = [readBundle(older).id]
    expect((await verifyBundle(older, context({ highest: { epoch: 5, id, back } }))).manifest.epoch).toBe(4)
  })

  test('a signature of another document by the same key does not count', async () => {
    const { FlattenedSign, importJWK } = await import('jose')
    const bundle = readBundle(await signed({}, []))
    const key = await importJWK({ ...one.secret }, 'EdDSA')
    const { protected: header = '', signature } = await new FlattenedSign(bundle.payload)
      .setProtectedHeader({ alg: 'EdDSA', kid: one.id, typ: 'other' }).sign(key)
    const bytes = bundleBytes(bundle.payload, [{ protected: header, signature }], bundle.parts.values())
    expect(await codeOf(() => verifyBundle(bytes, context({ trust: { keys: [one.public] } })))).toBe('bad-signature')
  })

  test('no changed byte is taken', async () => {
    const bytes = await signed()
    const taken: number[] = []
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = bytes.slice()
      changed[at]! ^= 1 << at % 8
      if (await codeOf(() => verifyBundle(changed, context())) === 'taken') taken.push(at)
    }
    expect(taken).toEqual([])
  })

  test('nothing that is cut or longer is taken', async () => {
    const bytes = await signed()
    for (let length = 0; length < bytes.length; length += 13) {
      expect(await codeOf(() => verifyBundle(bytes.slice(0, length), context()))).toBe('bad-bundle')
    }
    expect(await codeOf(() => verifyBundle(new Uint8Array([...bytes, 0]), context()))).toBe('bad-bundle')
  })
})

describe('proving', () => {
  const prove = async (parts: Record<string, Uint8Array>) => {
    const bundle = readBundle(buildBundle(settings, parts))
    return proveBundle(bundle, await compileBundle(bundle))
  }
  const question = (policy: string, ask: unknown, answer: string) =>
    ({ ...files, 'questions/more.json': text([{ policy, ask, answer }]) })
  const scenario = (result: string) => text(`
lsms: [capability, smack]
objects: { /data: { dir: true, label: Data }, /data/x: { file: x, label: Data, mode: 0o666 } }
identities: { web: { uid: 1000, label: Web } }
steps:
  - { as: web, open: [/data/x, O_WRONLY], expect: { errno: ${result} } }
`)

  test('counts questions and scenarios', async () => {
    expect(await prove({ ...files, 'scenarios/a.yaml': scenario('EACCES') })).toEqual({ questions: 4, scenarios: 1 })
  })

  test.each<[why: string, parts: () => Record<string, Uint8Array>, code: string]>([
    ['another answer', () => question('smack', { subject: 'Web', object: 'Data', access: 'w' }, 'allow'),
      'question-failed'],
    ['a policy that there is not', () => question('selinux', {}, 'deny'), 'question-failed'],
    ['a question that is none', () => question('smack', { subject: 'Web' }, 'deny'), 'bad-policy'],
    ['a question that is not known', () => question('sandbox', { kind: 'zzz' }, 'deny'), 'bad-policy'],
    ['a scenario that fails', () => ({ ...files, 'scenarios/a.yaml': scenario('EPERM') }), 'scenario-failed'],
    ['a scenario that is none', () => ({ ...files, 'scenarios/a.yaml': text('steps: 1') }), 'bad-policy'],
    ['rules that are none', () => ({ 'smack/rules': text('Web Data r r r r\n') }), 'bad-policy'],
    ['a policy that is no JSON', () => ({ 'sandbox.json': text('{') }), 'bad-policy'],
    ['CIL that is none', () => ({ 'selinux/a.cil': text('(zzz)') }), 'bad-policy'],
    ['an object that is none', () => ({ 'bpf/a.o': text('ELF') }), 'bad-policy'],
    ['a ruleset that is none', () => ({ 'landlock.json': text({ zzz: 1 }) }), 'bad-policy'],
    ['profiles that are none', () => ({ 'apparmor/web': text('profile web {') }), 'bad-policy'],
  ])('refuses %s', async (_why, parts, code) => expect(await codeOf(() => prove(parts()))).toBe(code))

  test('the error names the question and the place', async () => {
    const parts = question('smack', { subject: 'Web', object: 'Data', access: 'w' }, 'allow')
    await expect(prove(parts)).rejects.toThrow(/"access":"w".* should be allow, and the policy says deny/)
    await expect(prove(parts)).rejects.toMatchObject({ place: 'questions/more.json[0]' })
  })
})

test('the difference of two bundles is in words', async () => {
  const before = readBundle(buildBundle(settings, files))
  const after = readBundle(buildBundle({ ...settings, epoch: 6 }, { ...files, 'smack/rules': text('Web Data rw\n') }))
  const changes = await bundleChanges(before, after)
  const words = changes.map(({ kind, effect, words: said }) => `${kind}: ${effect}: ${said}`)
  expect(words).toEqual(['bundle: other: 5 became 6', 'smack: more: Web may now write and lock Data'])
  expect(await bundleChanges(before, before)).toEqual([])
})

test('a key is its numbers, and its id is what is in them', () => {
  const publicText = JSON.stringify(one.public)
  expect(keyId(parsePublicKey(publicText))).toBe(one.id)
  expect(keyId(parseSecretKey(JSON.stringify(one.secret)))).toBe(one.id)
  expect(() => parsePublicKey(JSON.stringify(one.secret))).toThrow('there is no option `d`')
  expect(() => parsePublicKey('{}')).toThrow(expect.objectContaining({ code: 'bad-key-file' }))
  expect(() => parseSecretKey(publicText)).toThrow(expect.objectContaining({ code: 'bad-key-file' }))
})

test.each([
  ['1.2.3', '1.2.3', true], ['1.2.3', '1.2', true], ['1.2', '1.2.1', false], ['v20', '20', false],
  ['20.19.1', '9', true], ['0.9.9', '1', false], ['1.10.0', '1.9.0', true], ['2.0.0-rc.1', '2', true],
])('%s is at least %s: %s', (version, least, holds) => expect(isAtLeast(version, least)).toBe(holds))
