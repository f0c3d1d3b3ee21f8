/** Signatures of bundles: EdDSA over the bytes of the manifest, which names each part by its digest. */
import { FleetError, reasonOf } from '../fleet-error.ts'
import { bundleBytes, readBundle, signerOf } from './container.ts'
import type { Bundle, Signature } from './container.ts'
import { keyId } from './keys.ts'
import type { PublicKey, SecretKey, Trust } from './keys.ts'

const ALG = 'EdDSA'
/** No other kind of document that is signed by the same key can be taken for a bundle. */
const TYPE = 'lsmkit-bundle'

interface Header {
  readonly alg: string
  readonly kid: string
  readonly typ: string
}

const headerOf = ({ protected: text }: Signature): Header | null => {
  try {
    const { alg, kid, typ } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Header
    return typeof kid === 'string' ? { alg, kid, typ } : null
  } catch {
    return null
  }
}

/** The bundle with one more signature, or with that key's in the place of an older one. */
export const signBundle = async (bytes: Uint8Array, key: SecretKey): Promise<Uint8Array> => {
  const { importJWK, FlattenedSign } = await import('jose')
  const { payload, signatures, parts } = readBundle(bytes)
  const kid = keyId(key)
  const imported = await importJWK({ ...key }, ALG).catch((error: unknown) => {
    throw new FleetError('bad-key-file', reasonOf(error), { place: 'key', cause: error })
  })
  const { protected: header = '', signature } = await new FlattenedSign(payload)
    .setProtectedHeader({ alg: ALG, kid, typ: TYPE }).sign(imported)
  const others = signatures.filter((one) => signerOf(one) !== kid)
  const all = [...others, { protected: header, signature }].sort((a, b) => (signerOf(a)! < signerOf(b)! ? -1 : 1))
  return bundleBytes(payload, all, parts.values())
}

const isSignedBy = async ({ payload, signatures }: Bundle, key: PublicKey): Promise<boolean> => {
  const { flattenedVerify, importJWK } = await import('jose')
  const kid = keyId(key)
  const imported = await importJWK({ ...key }, ALG)
  for (const one of signatures) {
    const header = headerOf(one)
    if (header?.kid !== kid || header.typ !== TYPE) continue
    try {
      const jws = { ...one, payload: Buffer.from(payload).toString('base64url') }
      await flattenedVerify(jws, imported, { algorithms: [ALG] })
      return true
    } catch {
      // another one may be right
    }
  }
  return false
}

/** Ids of the keys of a list that have signed, each once. */
export const signersOf = async (bundle: Bundle, keys: readonly PublicKey[]): Promise<readonly string[]> => {
  const found = await Promise.all(keys.map(async (key) => (await isSignedBy(bundle, key) ? keyId(key) : null)))
  return found.filter((id) => id !== null)
}

/** Throws `unknown-key`, `bad-signature` or `too-few-signatures`. */
export const checkSigners = async (bundle: Bundle, { keys, needed = 1 }: Trust, place: string): Promise<void> => {
  const signers = await signersOf(bundle, keys)
  if (signers.length >= needed) return
  const known = new Set(keys.map(keyId))
  const claimed = bundle.signatures.map(signerOf)
  const counted = `${signers.length} of the ${needed} signatures that are needed`
  if (claimed.some((id) => id !== null && known.has(id) && !signers.includes(id))) {
    throw new FleetError('bad-signature', `a signature does not fit the bundle: ${counted}`, { place })
  }
  if (signers.length === 0 && bundle.signatures.length > 0) {
    throw new FleetError('unknown-key', `it is signed by keys that this host does not know: ${counted}`, {
      place, hint: claimed.filter((id) => id !== null).join(', '),
    })
  }
  throw new FleetError('too-few-signatures', `it has ${counted}`, { place, hint: 'lsm fleet bundle sign' })
}
