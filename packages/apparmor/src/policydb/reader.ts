/** Policy binaries read whole, with every check of the kernel's `aa_unpack`. */
import { EPROTONOSUPPORT } from '@lsmkit/abi'
import { ApparmorError } from '../errors.ts'
import { checkProfile } from './check-profile.ts'
import type { PolicyBinary, Profile } from './policy.ts'
import { VERSION_MASK } from './policy.ts'
import { readProfile } from './read-profile.ts'
import { Stream } from './stream.ts'

const OLDEST = 5
const NEWEST = 9

/** A flaw of a stream that the kernel logs and accepts. */
export interface UnpackNote {
  readonly info: string
  /** Positive. */
  readonly errno: number
  readonly offset: number
}

/** A profile with the place of its bytes in the stream, behind its header: the kernel's checksum is over these. */
export interface UnpackedProfile {
  readonly profile: Profile
  readonly version: number
  readonly start: number
  readonly end: number
}

export interface Unpacked {
  readonly version: number
  readonly namespace: string | null
  readonly profiles: readonly UnpackedProfile[]
}

/**
 * Reads all profiles or throws ApparmorError at the first mistake. `note` is called for oddities that are not mistakes.
 * Without `check` it also takes what only other kernels know.
 */
export const unpack = (
  bytes: Uint8Array, note: (note: UnpackNote) => void = () => {},
  check: ((profile: Profile) => void) | null = checkProfile,
): Unpacked => {
  const stream = new Stream(bytes)
  const profiles: UnpackedProfile[] = []
  const header: Header = { version: 0, namespace: null }
  while (!stream.done) {
    readHeader(stream, header, note)
    const start = stream.at
    const profile = readProfile(stream, header.version, check === null)
    check?.(profile)
    profiles.push({ profile, version: header.version, start, end: stream.at })
  }
  return { ...header, profiles }
}

interface Header {
  version: number
  namespace: string | null
}

/** As `verify_header`: the version is needed once; a namespace stays the first one. */
const readHeader = (stream: Stream, header: Header, note: (note: UnpackNote) => void): void => {
  const isFirst = stream.at === 0
  const version = stream.u32('version')
  if (version === null && isFirst) {
    refuse('not-a-policy', 'the stream begins with no version', 'invalid profile format', 0)
  }
  header.version = version ?? header.version
  const abi = header.version & VERSION_MASK
  if (abi < OLDEST || abi > NEWEST) {
    const message = `version ${abi} is not one of ${OLDEST} to ${NEWEST}`
    refuse('unsupported-version', message, 'unsupported interface version', stream.at)
  }
  const namespace = stream.string('namespace')
  if (namespace === null) return
  if (namespace === '') refuse('bad-namespace', 'a namespace has no name', 'invalid namespace name', stream.at)
  if (header.namespace !== null && header.namespace !== namespace) {
    note({ info: 'invalid ns change', errno: EPROTONOSUPPORT, offset: stream.at })
  }
  header.namespace ??= namespace
}

const refuse = (
  code: 'not-a-policy' | 'unsupported-version' | 'bad-namespace', message: string, info: string, offset: number,
): never => {
  throw new ApparmorError(code, message, { info, offset })
}

/**
 * The profiles of a policy binary, as apparmor_parser writes it and a kernel takes it. Throws ApparmorError with the
 * kernel's errno, its info text and the offset.
 */
export const readPolicy = (bytes: Uint8Array): PolicyBinary => {
  const { version, namespace, profiles } = unpack(bytes)
  return { version, namespace, profiles: profiles.map(({ profile }) => profile) }
}

/**
 * As `readPolicy`, without the checks between the parts of a profile. apparmor_parser 4.1 makes binaries that no kernel
 * takes, of rules that prompt on a kernel with permission tables, and others for older and newer kernels; this reads
 * them too.
 */
export const readUncheckedPolicy = (bytes: Uint8Array): PolicyBinary => {
  const { version, namespace, profiles } = unpack(bytes, () => {}, null)
  return { version, namespace, profiles: profiles.map(({ profile }) => profile) }
}
