/**
 * The file of a bundle, `.lsmb`: a line with the format, a line with a JWS (general JSON serialization, RFC 7515) whose
 * payload is the manifest, and the bytes of the parts in the manifest's order. A signature changes the second line
 * alone. Nothing is behind the last part.
 */
import { createHash } from 'node:crypto'
import { checkOptions, listOf, optionsOf, required } from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { FleetError, reasonOf } from '../fleet-error.ts'
import { MOST_KEYS } from './keys.ts'
import { MOST_BUNDLE, MOST_MANIFEST, parseManifest } from './manifest.ts'
import type { Manifest } from './manifest.ts'

const MAGIC = 'lsmkit-bundle 1\n'
const NEWLINE = 10
const MOST_HEAD = 2 * MOST_MANIFEST

export interface Signature {
  readonly protected: string
  readonly signature: string
}

/** The id of the key that says to have signed; null for a header that names no key. */
export const signerOf = ({ protected: header }: Signature): string | null => {
  try {
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid?: unknown }
    return typeof kid === 'string' ? kid : null
  } catch {
    return null
  }
}

interface Jws {
  readonly payload: string
  readonly signatures: readonly Signature[]
}

/** A bundle as it was read. Its signatures are not verified yet. */
export interface Bundle {
  /** SHA-256 of the manifest: the same however it is signed. */
  readonly id: string
  readonly manifest: Manifest
  /** The bytes that are signed. */
  readonly payload: Uint8Array
  readonly signatures: readonly Signature[]
  /** By path. */
  readonly parts: ReadonlyMap<string, Uint8Array>
}

const base64url = (most: number): OptionRule => ({
  is: (value) => typeof value === 'string' && value.length <= most && /^[A-Za-z0-9_-]+$/.test(value),
  what: 'base64url',
})
const signatureRules: OptionRules<Signature> = {
  protected: required(base64url(1024)), signature: required(base64url(128)),
}
const jwsRules: OptionRules<Jws> = {
  payload: required(base64url(MOST_HEAD)), signatures: required(listOf(optionsOf(signatureRules))),
}

const bad = (message: string, place: string, cause?: unknown): FleetError =>
  new FleetError('bad-bundle', message, { place, cause })

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const canonical = (text: string): string => Buffer.from(text, 'base64url').toString('base64url')

const jwsLine = ({ payload, signatures }: Jws): Uint8Array => Buffer.from(JSON.stringify({
  payload: canonical(payload),
  signatures: signatures.map((one) =>
    ({ protected: canonical(one.protected), signature: canonical(one.signature) })),
}))

export const bundleBytes = (
  payload: Uint8Array, signatures: readonly Signature[], parts: Iterable<Uint8Array>,
): Uint8Array => {
  const line = jwsLine({ payload: Buffer.from(payload).toString('base64url'), signatures })
  return new Uint8Array(Buffer.concat([Buffer.from(MAGIC), line, Buffer.from('\n'), ...parts]))
}

const jwsOf = (line: Uint8Array, place: string): Jws => {
  let given: unknown
  try {
    given = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line))
    checkOptions(given, jwsRules, place)
  } catch (error) {
    throw bad(reasonOf(error), place, error)
  }
  const jws = given as Jws
  // one form of each bundle: another one would have another digest, and the same signatures
  if (Buffer.compare(line, jwsLine(jws)) !== 0) throw bad('the line with the signatures has another form', place)
  if (jws.signatures.length > MOST_KEYS) throw bad(`more than ${MOST_KEYS} signatures`, place)
  const signers = jws.signatures.map(signerOf)
  if (signers.some((id, at) => at > 0 && (signers[at - 1] ?? '') >= (id ?? ''))) {
    throw bad('the signatures are not in the order of their keys, each once', place)
  }
  return jws
}

const partsOf = (manifest: Manifest, bytes: Uint8Array, place: string): ReadonlyMap<string, Uint8Array> => {
  let at = 0
  const parts = new Map<string, Uint8Array>()
  for (const { path, size, sha256: digest } of manifest.parts) {
    const part = bytes.slice(at, at + size)
    at += size
    if (part.length !== size) throw bad(`\`${path}\` is cut: it has ${part.length} of ${size} bytes`, place)
    if (sha256(part) !== digest) throw bad(`\`${path}\` has other bytes than the manifest says`, place)
    parts.set(path, part)
  }
  if (at !== bytes.length) throw bad(`${bytes.length - at} bytes are behind the last part`, place)
  return parts
}

/** Throws FleetError `bad-bundle` for anything that is not wholly a bundle. It says nothing about who has signed. */
export const readBundle = (bytes: Uint8Array, place = 'bundle'): Bundle => {
  if (bytes.length > MOST_BUNDLE) throw bad(`more than ${MOST_BUNDLE} bytes`, place)
  const magic = new TextEncoder().encode(MAGIC)
  if (Buffer.compare(bytes.subarray(0, magic.length), magic) !== 0) throw bad('this is not a bundle of lsmkit', place)
  const head = bytes.subarray(magic.length, magic.length + MOST_HEAD + MOST_MANIFEST)
  const end = head.indexOf(NEWLINE)
  if (end < 0) throw bad('the line with the signatures has no end', place)
  const { payload: text, signatures } = jwsOf(head.subarray(0, end), place)
  const payload = new Uint8Array(Buffer.from(text, 'base64url'))
  const manifest = parseManifest(payload, place)
  const parts = partsOf(manifest, bytes.subarray(magic.length + end + 1), place)
  return { id: sha256(payload), manifest, payload, signatures, parts }
}
