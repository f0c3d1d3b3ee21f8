/** Whether a host may take a bundle: who has signed, when it holds, which epoch, and what it needs. */
import { FleetError } from '../fleet-error.ts'
import { readBundle } from './container.ts'
import type { Bundle } from './container.ts'
import { checkTrust } from './keys.ts'
import type { Trust } from './keys.ts'
import type { Manifest } from './manifest.ts'
import { checkSigners } from './sign.ts'
import { isAtLeast } from './versions.ts'

/** The host, as far as a bundle may need something of it. */
export interface HostFacts {
  readonly os: string
  readonly arch: string
  readonly node: string
  /** The version of `@lsmkit/fleet`. */
  readonly lsmkit: string
  readonly features: readonly string[]
  /** The version of a package that is installed; null for others. */
  readonly versionOf: (name: string) => string | null
}

/** The bundle of the highest epoch that the host has had. */
export interface Highest {
  readonly epoch: number
  readonly id: string
  /** Ids to which it allows the host to be brought back. */
  readonly back: readonly string[]
}

export interface VerifyContext {
  readonly trust: Trust
  readonly tenant: string | null
  readonly highest: Highest | null
  readonly host: HostFacts
  /** Milliseconds since 1970. */
  readonly now: number
}

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

export const isExpired = ({ expires }: Manifest, now: number): boolean =>
  expires !== null && now >= Date.parse(expires)

const checkTime = (manifest: Manifest, now: number, place: string): void => {
  if (isExpired(manifest, now)) {
    throw new FleetError('expired', `it expired at ${String(manifest.expires)}`, { place, hint: 'build a newer one' })
  }
  if (manifest.notBefore !== null && now < Date.parse(manifest.notBefore)) {
    throw new FleetError('not-yet', `it holds from ${manifest.notBefore} on`, { place })
  }
}

const checkEpoch = ({ manifest, id }: Bundle, highest: Highest | null, place: string): void => {
  if (highest === null || manifest.epoch > highest.epoch || id === highest.id || highest.back.includes(id)) return
  const why = manifest.epoch === highest.epoch ? 'another bundle had the same epoch' : 'the host has had a higher one'
  throw new FleetError('old-epoch', `epoch ${manifest.epoch}, and ${why} (${highest.epoch})`, {
    place, hint: 'a higher epoch, or `back` of the bundle that it takes the place of',
  })
}

/** What the host lacks, in sentences. */
const lacking = ({ least, needs }: Manifest, host: HostFacts): string[] => {
  const { os, arch, node, features = [] } = needs
  const missing = features.filter((name) => !host.features.includes(name))
  const modules = Object.entries(least.modules ?? {}).flatMap(([name, version]) => {
    const installed = host.versionOf(name)
    if (installed === null) return [`it needs \`${name}\` ${version}, which is not installed`]
    return isAtLeast(installed, version) ? [] : [`it needs \`${name}\` ${version}, and the host has ${installed}`]
  })
  return [
    ...(os === undefined || os.includes(host.os) ? [] : [`it is for ${listed(os)}, and the host is \`${host.os}\``]),
    ...(arch === undefined || arch.includes(host.arch) ? []
      : [`it is for ${listed(arch)}, and the host is \`${host.arch}\``]),
    ...(node === undefined || isAtLeast(host.node, node) ? []
      : [`it needs Node ${node}, and the host has ${host.node}`]),
    ...(least.lsmkit === undefined || isAtLeast(host.lsmkit, least.lsmkit) ? []
      : [`it needs lsmkit ${least.lsmkit}, and the host has ${host.lsmkit}`]),
    ...modules,
    ...(missing.length === 0 ? [] : [`it needs ${listed(missing)}, which this host does not have`]),
  ]
}

const checkNeeds = ({ manifest }: Bundle, { tenant, host }: VerifyContext, place: string): void => {
  if (manifest.tenant !== null && manifest.tenant !== tenant) {
    throw new FleetError('wrong-tenant', `it is for the tenant \`${manifest.tenant}\``, { place })
  }
  const lacks = lacking(manifest, host)
  if (lacks.length > 0) throw new FleetError('needs', lacks.join('; '), { place })
}

const placeOf = ({ manifest: { name, version } }: Bundle): string => `${name} ${version}`

/** A bundle that held here before: it may have expired since. Throws as `verifyBundle` does. */
export const verifyKept = async (bytes: Uint8Array, context: VerifyContext): Promise<Bundle> => {
  const bundle = readBundle(bytes)
  await checkSigners(bundle, context.trust, placeOf(bundle))
  checkNeeds(bundle, context, placeOf(bundle))
  return bundle
}

/**
 * The bundle, if the host may take it; its policies are not compiled yet. Throws FleetError: `bad-bundle`,
 * `bad-signature`, `unknown-key`, `too-few-signatures`, `wrong-tenant`, `expired`, `not-yet`, `old-epoch`, `needs`.
 */
export const verifyBundle = async (bytes: Uint8Array, context: VerifyContext): Promise<Bundle> => {
  const bundle = readBundle(bytes)
  const { manifest } = bundle
  const place = placeOf(bundle)
  await checkSigners(bundle, checkTrust(context.trust, 'verifyBundle: trust'), place)
  // new keys have to have signed too, so that nobody hands a fleet over to keys that nobody has
  if (manifest.keys !== null) await checkSigners(bundle, manifest.keys, `${place}: keys`)
  checkTime(manifest, context.now, place)
  checkEpoch(bundle, context.highest, place)
  checkNeeds(bundle, context, place)
  return bundle
}
