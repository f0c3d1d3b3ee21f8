/** Keys that sign bundles: Ed25519 as JWK. The id of a key is its thumbprint (RFC 7638), so it cannot name another. */
import { createHash } from 'node:crypto'
import { checkOptions, listOf, oneOf, optionsOf, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { plainOptions } from '@lsmkit/core/plain-options'
import { FleetError, reasonOf } from '../fleet-error.ts'

export interface PublicKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  /** 32 bytes in base64url. */
  readonly x: string
}

export interface SecretKey extends PublicKey {
  readonly d: string
}

/** Keys that a host takes bundles from, and how many of them have to have signed. */
export interface Trust {
  readonly keys: readonly PublicKey[]
  /** Default 1. */
  readonly needed?: number
}

export const MOST_KEYS = 16

const key32: OptionRule = {
  is: (value) => typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value) &&
    Buffer.from(value, 'base64url').toString('base64url') === value,
  what: '32 bytes in base64url',
}
export const publicRules: OptionRules<PublicKey> = {
  kty: required(oneOf('OKP')), crv: required(oneOf('Ed25519')), x: required(key32),
}
const secretRules: OptionRules<SecretKey> = { ...publicRules, d: required(key32) }

export const trustRules: OptionRules<Trust> = {
  keys: required(listOf(optionsOf(publicRules))), needed: wholeNumber(1, MOST_KEYS),
}

/** Throws `bad-key-file` where fewer keys are there than have to sign. */
const trustFault = ({ keys, needed = 1 }: Trust): string | null => {
  if (keys.length > MOST_KEYS) return `${keys.length} keys, and at most ${MOST_KEYS} may be`
  const ids = new Set(keys.map(keyId))
  if (ids.size < keys.length) return 'a key is there twice'
  return needed > keys.length ? `${needed} signatures of ${keys.length} keys` : null
}

export const aTrust: OptionRule = {
  ...optionsOf(trustRules),
  inside: (value, place) => {
    optionsOf(trustRules).inside?.(value, place)
    const fault = trustFault(value as Trust)
    if (fault !== null) throw new FleetError('bad-key-file', fault, { place })
  },
}

/** Throws OptionError, and FleetError `bad-key-file`. */
export const checkTrust = (trust: Trust, place: string): Required<Trust> => {
  checkOptions(trust, trustRules, place)
  const { keys, needed = 1 } = plainOptions(trust, { takes: trustRules }, place)
  const fault = trustFault({ keys, needed })
  if (fault !== null) throw new FleetError('bad-key-file', fault, { place })
  return { keys, needed }
}

/** 43 characters of base64url. */
export const keyId = ({ crv, kty, x }: PublicKey): string =>
  createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url')

/** The digest of a list of keys, whatever their order. */
export const pinOf = ({ keys, needed = 1 }: Trust): string =>
  createHash('sha256').update(JSON.stringify([needed, keys.map(({ x }) => x).sort()])).digest('hex')

export interface KeyPair {
  readonly id: string
  readonly secret: SecretKey
  readonly public: PublicKey
}

/** A new key pair. Keep `secret` to yourself. */
export const generateKeys = async (): Promise<KeyPair> => {
  const { exportJWK, generateKeyPair } = await import('jose')
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const { x = '', d = '' } = await exportJWK(privateKey)
  const key: PublicKey = { kty: 'OKP', crv: 'Ed25519', x }
  return { id: keyId(key), secret: { ...key, d }, public: key }
}

const parsed = <T extends PublicKey>(text: string, rules: OptionRules<T>, place: string): T => {
  try {
    const given: unknown = JSON.parse(text)
    checkOptions(given, rules, place)
    return plainOptions(given as T, { takes: rules }, place)
  } catch (error) {
    throw new FleetError('bad-key-file', reasonOf(error), {
      place, hint: 'a JWK of kind OKP and curve Ed25519: lsm fleet bundle keygen', cause: error,
    })
  }
}

/** From the text of a file. Throws FleetError `bad-key-file`. */
export const parsePublicKey = (text: string, place = 'key'): PublicKey => parsed(text, publicRules, place)
export const parseSecretKey = (text: string, place = 'key'): SecretKey => parsed(text, secretRules, place)
