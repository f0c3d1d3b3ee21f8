/**
 * Bundles that nobody has signed so: damaged, cut, put together of two, signed by other keys, of a lower epoch, of
 * another tenant, expired. None of them is taken: a bundle that is taken has the content of one made for this host.
 */
import { createHash, createPrivateKey } from 'node:crypto'
import { buildBundle, FleetError, keyId, readBundle, signBundle, thisHost, verifyBundle } from '@lsmkit/fleet'
import type { Bundle, BundleSettings, SecretKey, VerifyContext } from '@lsmkit/fleet'
import { damagedBytes, damagedText } from '../frame/damage.ts'
import { inputFuzzer } from '../frame/input-fuzzer.ts'
import type { Random } from '../frame/random.ts'

/** The same keys in every run, so that an input can be tried again. */
const keyOf = (name: string): SecretKey => {
  const seed = createHash('sha256').update(name).digest()
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const { x = '', d = '' } = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
  return { kty: 'OKP', crv: 'Ed25519', x, d }
}
const [alice, bob, mallory] = ['alice', 'bob', 'mallory'].map(keyOf) as [SecretKey, SecretKey, SecretKey]
const publicOf = ({ kty, crv, x }: SecretKey) => ({ kty, crv, x })

const NOW = Date.parse('2026-12-01T00:00:00Z')
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

const made = async (
  settings: Partial<BundleSettings>, keys: readonly SecretKey[], rules = 'Web Data r\n',
): Promise<Uint8Array> => {
  let bytes = buildBundle({ name: 'web', version: '1', epoch: 5, tenant: 'acme', ...settings }, {
    'sandbox.json': text('{"version":1,"allow":{"read":["/work"]}}'), 'smack/rules': text(rules),
  })
  for (const key of keys) bytes = await signBundle(bytes, key)
  return bytes
}

const good = await Promise.all([
  made({}, [alice, bob]), made({ epoch: 6, expires: '2027-01-01T00:00:00Z' }, [alice, bob], 'Web Data rw\n'),
])
/** Whole bundles that are not for this host, for pieces, and to be tried as they are. */
const bad = await Promise.all([
  made({}, [alice]), made({}, [mallory, alice]), made({}, []), made({ epoch: 4 }, [alice, bob]),
  made({ tenant: 'other' }, [alice, bob]), made({ expires: '2026-11-30T00:00:00Z' }, [alice, bob]),
  made({ notBefore: '2026-12-02T00:00:00Z' }, [alice, bob]), made({ needs: { os: ['plan9'] } }, [alice, bob]),
  made({ keys: { keys: [publicOf(mallory)] } }, [alice, bob]), made({ least: { lsmkit: '99' } }, [alice, bob]),
])
/** What is taken of a bundle; one more signature changes none of it. */
const contentOf = ({ id, parts }: Bundle): string => {
  const hash = createHash('sha256').update(id)
  for (const [path, bytes] of parts) hash.update(path).update(bytes)
  return hash.digest('hex')
}
const taken = new Set(good.map((bytes) => contentOf(readBundle(bytes))))
const context: VerifyContext = {
  trust: { keys: [publicOf(alice), publicOf(bob)], needed: 2 }, tenant: 'acme', now: NOW,
  highest: { epoch: 5, id: readBundle(good[0]!).id, back: [] }, host: thisHost(),
}

const linesOf = (bytes: Uint8Array): [magic: string, jws: string, parts: string] => {
  const whole = Buffer.from(bytes).toString('latin1')
  const first = whole.indexOf('\n') + 1
  const second = whole.indexOf('\n', first) + 1
  return [whole.slice(0, first), whole.slice(first, second), whole.slice(second)]
}
const latin1 = (whole: string): Uint8Array => new Uint8Array(Buffer.from(whole, 'latin1'))

interface Jws {
  payload: string
  signatures: { protected: string, signature: string }[]
}

/** The manifest or the signatures of one bundle with those of another. */
const spliced = (random: Random): Uint8Array => {
  const [one, other] = [linesOf(random.pick([...good, ...bad])), linesOf(random.pick([...good, ...bad]))]
  const [jws, from] = [JSON.parse(one[1]) as Jws, JSON.parse(other[1]) as Jws]
  switch (random.below(4)) {
    case 0: jws.signatures = from.signatures; break
    case 1: jws.signatures = [...jws.signatures, ...from.signatures]; break
    case 2: jws.payload = from.payload; break
    default: jws.signatures = jws.signatures.map((signature) => ({
      ...signature, protected: Buffer.from(damagedText(
        Buffer.from(signature.protected, 'base64url').toString(), random, ['none', 'HS256', 'EdDSA', keyId(mallory)],
      )).toString('base64url'),
    }))
  }
  return latin1(one[0] + `${JSON.stringify(jws)}\n` + (random.oneIn(2) ? one : other)[2])
}

/** The manifest itself changed, in a payload that is encoded as it has to be. */
const rewritten = (random: Random): Uint8Array => {
  const [magic, line, parts] = linesOf(random.pick(good))
  const jws = JSON.parse(line) as Jws
  const manifest = Buffer.from(jws.payload, 'base64url').toString()
  const pieces = ['"epoch":7', '"tenant":null', '"needs":{}', '"parts":[]', '"size":0', '"keys":null']
  jws.payload = Buffer.from(damagedText(manifest, random, pieces)).toString('base64url')
  return latin1(`${magic}${JSON.stringify(jws)}\n${parts}`)
}

const make = (random: Random): Uint8Array => {
  switch (random.below(8)) {
    case 0: return random.pick([...good, ...bad])
    case 1: case 2: return spliced(random)
    case 3: case 4: return rewritten(random)
    case 5: return latin1(damagedText(Buffer.from(random.pick(good)).toString('latin1'), random))
    default: return damagedBytes(random.pick(good), random)
  }
}

export const fleet = inputFuzzer({
  make,
  async attempt(input, session) {
    try {
      const bundle = await verifyBundle(input, context)
      if (taken.has(contentOf(bundle))) return
    } catch (error) {
      if (error instanceof FleetError) return
      throw error
    }
    session.found('wrong-allow', input, 'the bundle was taken')
  },
})
