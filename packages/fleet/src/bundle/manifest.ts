/** The manifest of a bundle: the bytes that are signed. It names each part by its digest. */
import {
  checkOptions, listOf, oneOf, optionsOf, orNull, recordOf, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { plainOptions } from '@lsmkit/core/plain-options'
import { FleetError, reasonOf } from '../fleet-error.ts'
import { aTrust } from './keys.ts'
import type { Trust } from './keys.ts'
import { kindOfPath, partKinds } from './part-kinds.ts'
import type { PartKind } from './part-kinds.ts'

export const MOST_BUNDLE = 64 * 1024 * 1024
export const MOST_MANIFEST = 1024 * 1024
export const MOST_PARTS = 1000
const MOST_BACK = 64

/** The least versions that a host needs: `1.2.0`. */
export interface Least {
  /** Of `@lsmkit/fleet`. */
  readonly lsmkit?: string
  /** By name of a package. */
  readonly modules?: Readonly<Record<string, string>>
}

/** Properties that a host needs, or it refuses the bundle. */
export interface Needs {
  /** As `process.platform`: `linux`. */
  readonly os?: readonly string[]
  /** As `process.arch`: `x64`. */
  readonly arch?: readonly string[]
  /** The least version of Node. */
  readonly node?: string
  /** Names that the host gives to `joinFleet({ features })`: `native`, `landlock-6`. */
  readonly features?: readonly string[]
}

/** The settings of a bundle: `bundle.json` of its folder. */
export interface BundleSettings {
  readonly name: string
  /** For people: `2026-11-30.2`. */
  readonly version: string
  /** From 1. A host that had a higher epoch refuses the bundle, unless `back` of that one names it. */
  readonly epoch: number
  /** Hosts of others refuse it. Default: any tenant. */
  readonly tenant?: string | null
  /** Times of ISO 8601 in UTC: `2026-12-31T00:00:00Z`. */
  readonly notBefore?: string | null
  readonly expires?: string | null
  readonly least?: Least
  readonly needs?: Needs
  /** Ids of bundles of lower epochs, to which a host that had this one may be brought back. */
  readonly back?: readonly string[]
  /** New keys. The bundle has to be signed by the old ones and by these. */
  readonly keys?: Trust | null
}

export interface PartEntry {
  readonly path: string
  readonly kind: PartKind
  readonly size: number
  readonly sha256: string
}

export interface Manifest extends Required<BundleSettings> {
  readonly format: 1
  readonly parts: readonly PartEntry[]
}

const text = (pattern: RegExp, what: string): OptionRule =>
  ({ is: (value) => typeof value === 'string' && pattern.test(value), what })
const aName = text(/^[A-Za-z0-9_=-]+(\.[A-Za-z0-9_=-]+)*$/, 'a name of letters, digits, _ = - and dots')
const aLine = text(/^[\x20-\x7e]{1,80}$/, 'a line of at most 80 characters')
const aTime: OptionRule = {
  is: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) &&
    Number.isFinite(Date.parse(value)),
  what: 'a time like 2026-12-31T00:00:00Z',
}
const aVersion = text(/^\d{1,6}(\.\d{1,6}){0,2}$/, 'a version like 1.2.0')
const aDigest = text(/^[0-9a-f]{64}$/, 'a SHA-256 of 64 hexadecimal digits')
const aPath: OptionRule = {
  is: (value) => typeof value === 'string' && value.length <= 200 && kindOfPath(value) !== null,
  what: 'the path of a part',
}
const atMost = (most: number, rule: OptionRule): OptionRule => {
  const list = listOf(rule)
  return {
    ...list, is: (value) => list.is(value) && (value as unknown[]).length <= most,
    what: `${list.what}, at most ${most}`,
  }
}

const leastRules: OptionRules<Least> = { lsmkit: aVersion, modules: recordOf(aVersion) }
const needsRules: OptionRules<Needs> = {
  os: atMost(16, aLine), arch: atMost(16, aLine), node: aVersion, features: atMost(64, aLine),
}

export const settingsRules: OptionRules<BundleSettings> = {
  name: required(aName), version: required(aLine), epoch: required(wholeNumber(1)), tenant: orNull(aName),
  notBefore: orNull(aTime), expires: orNull(aTime), least: optionsOf(leastRules), needs: optionsOf(needsRules),
  back: atMost(MOST_BACK, aDigest), keys: orNull(aTrust),
}

const partRules: OptionRules<PartEntry> = {
  path: required(aPath), kind: required(oneOf(...partKinds)), size: required(wholeNumber(0, MOST_BUNDLE)),
  sha256: required(aDigest),
}

const manifestRules: OptionRules<Manifest> = {
  ...settingsRules, format: required(oneOf(1)), parts: required(atMost(MOST_PARTS, optionsOf(partRules))),
}

/** One order and no optional fields, so that equal bundles have equal bytes. */
export const manifestBytes = (settings: BundleSettings, parts: readonly PartEntry[]): Uint8Array => {
  const {
    name, version, epoch, tenant = null, notBefore = null, expires = null, least = {}, needs = {}, back = [],
    keys = null,
  } = settings
  const manifest: Manifest = {
    format: 1, name, version, epoch, tenant, notBefore, expires, least, needs, back, keys, parts,
  }
  return new TextEncoder().encode(JSON.stringify(sorted(manifest)))
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

const badBundle = (message: string, place: string, cause?: unknown): FleetError =>
  new FleetError('bad-bundle', message, { place, cause })

/** Each path once and in their order, each with the kind that its path says. */
const checkParts = (parts: readonly PartEntry[], place: string): void => {
  for (const [index, { path, kind }] of parts.entries()) {
    if (kindOfPath(path) !== kind) throw badBundle(`\`${path}\` is not of kind ${kind}`, place)
    if (index > 0 && parts[index - 1]!.path >= path) throw badBundle(`\`${path}\` is not in its order`, place)
  }
}

const REQUIRED = [
  'format', 'name', 'version', 'epoch', 'tenant', 'notBefore', 'expires', 'least', 'needs', 'back', 'keys', 'parts',
]

/** Throws FleetError `bad-bundle`. */
export const parseManifest = (bytes: Uint8Array, place = 'manifest'): Manifest => {
  if (bytes.length > MOST_MANIFEST) throw badBundle(`the manifest has more than ${MOST_MANIFEST} bytes`, place)
  try {
    const given: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    checkOptions(given, manifestRules, place)
    const missing = REQUIRED.find((name) => !Object.hasOwn(given as object, name))
    if (missing !== undefined) throw badBundle(`\`${missing}\` is missing`, place)
    const manifest = plainOptions(given as Manifest, { takes: manifestRules }, place)
    checkParts(manifest.parts, place)
    return manifest
  } catch (error) {
    throw error instanceof FleetError ? error : badBundle(reasonOf(error), place, error)
  }
}

/** Throws OptionError. */
export const checkSettings = (given: BundleSettings, place: string): BundleSettings => {
  checkOptions(given, settingsRules, place)
  return plainOptions(given, { takes: settingsRules }, place)
}

const partialRules = Object.fromEntries(Object.entries(settingsRules)
  .map(([name, rule]) => [name, { ...rule, required: false }])) as OptionRules<Partial<BundleSettings>>

/** The same where a file has the rest. Throws OptionError. */
export const checkPartialSettings = (given: Partial<BundleSettings>, place: string): Partial<BundleSettings> => {
  checkOptions(given, partialRules, place)
  return plainOptions(given, { takes: partialRules }, place)
}
