/** The parts of a profile other than automata (`unpack_profile`). Each throws Unreadable with the kernel's info. */
import { AA_ARRAYEND, AA_STRUCT, AA_STRUCTEND } from './codes.ts'
import { bytesName } from '../name.ts'
import type { FamilyTypes, ProfileCaps, ProfileFlags, ProfileMode, ProfileRlimits, Secmark } from './policy.ts'
import { FORCE_COMPLAIN, profileModes } from './policy.ts'
import { Unreadable } from './read-pdb.ts'
import type { Stream } from './stream.ts'
import { untilNul } from './stream.ts'

const FLAG_HAT = 1
const FLAG_DEBUG1 = 2
const FLAG_DEBUG2 = 4
const FLAG_INTERRUPTIBLE = 8
/** RLIM_NLIMITS. */
const MOST_LIMITS = 16

const refuse = (info: string, message: string): never => {
  throw new Unreadable(info, message)
}

interface Modes {
  readonly flags: ProfileFlags
  readonly mode: ProfileMode
  readonly auditAll: boolean
}

/** The struct `flags`. With FORCE_COMPLAIN in `version` the mode is complain, whatever is written. */
export const readFlags = (stream: Stream, version: number): Modes => {
  if (!stream.begin(AA_STRUCT, 'flags')) refuse('profile missing flags', 'the profile has no flags')
  const bad = (): never => refuse('failed to unpack profile flags', 'the flags of the profile cannot be read')
  const bits = stream.u32() ?? bad()
  const number = stream.u32() ?? bad()
  const mode = (version & FORCE_COMPLAIN) !== 0 ? 'complain' : profileModes[number] ?? bad()
  const auditAll = (stream.u32() ?? bad()) !== 0
  if (!stream.begin(AA_STRUCTEND)) bad()
  const flags = {
    hat: (bits & FLAG_HAT) !== 0, debug1: (bits & FLAG_DEBUG1) !== 0, debug2: (bits & FLAG_DEBUG2) !== 0,
    ...((bits & FLAG_INTERRUPTIBLE) === 0 ? {} : { interruptible: true }),
  }
  return { flags, mode, auditAll }
}

const SETS = ['allow', 'audit', 'quiet', 'dropped'] as const

const HIGH = 32n

/** Four words of the first 32 capabilities, and where they are there four more and two. */
export const readCaps = (stream: Stream): ProfileCaps => {
  const caps = { allow: 0n, audit: 0n, quiet: 0n, dropped: 0n }
  for (const set of SETS) caps[set] = BigInt(stream.u32() ?? badCaps('profile capabilities'))
  if (stream.begin(AA_STRUCT, 'caps64')) {
    const bad = (): never => badCaps('upper profile capabilities')
    for (const set of SETS) caps[set] |= BigInt(stream.u32() ?? bad()) << HIGH
    if (!stream.begin(AA_STRUCTEND)) bad()
  }
  return { ...caps, extended: readExtendedCaps(stream) }
}

const readExtendedCaps = (stream: Stream): bigint | null => {
  if (!stream.begin(AA_STRUCT, 'capsx')) return null
  const bad = (): never => badCaps('extended profile capabilities')
  const low = stream.u32() ?? bad()
  const high = stream.u32() ?? bad()
  if (!stream.begin(AA_STRUCTEND)) bad()
  return BigInt(low) | (BigInt(high) << HIGH)
}

const badCaps = (what: string): never => refuse(`failed to unpack ${what}`, `the ${what} cannot be read`)

/** A struct that holds an array: its elements, or null where it is not there. */
const readArray = <T>(
  stream: Stream, name: string, what: string, element: (bad: () => never) => T, before?: (bad: () => never) => void,
  most = Infinity,
): readonly T[] | null => {
  if (!stream.begin(AA_STRUCT, name)) return null
  const bad = (): never => refuse(`failed to unpack profile ${what}`, `the profile's ${what} cannot be read`)
  before?.(bad)
  const size = stream.array() ?? bad()
  if (size > most) bad()
  const elements: T[] = []
  for (let i = 0; i < size; i++) elements.push(element(bad))
  if (!stream.begin(AA_ARRAYEND) || !stream.begin(AA_STRUCTEND)) bad()
  return elements
}

/** Reads a part; where that fails the stream is where the part began, as the kernel's record has it. */
export const fromHere = <T>(stream: Stream, read: () => T): T => {
  const from = stream.at
  try {
    return read()
  } catch (error) {
    stream.at = from
    throw error
  }
}

/** Names of extended attributes that an attachment asks for. */
export const readXattrs = (stream: Stream): readonly string[] | null =>
  fromHere(stream, () => readArray(stream, 'xattrs', 'xattrs', (bad) => stream.string() ?? bad()))

export const readRlimits = (stream: Stream): ProfileRlimits | null => {
  let mask = 0
  const readMask = (bad: () => never): void => void (mask = stream.u32() ?? bad())
  const limits = fromHere(stream, () =>
    readArray(stream, 'rlimits', 'rlimits', (bad) => stream.u64() ?? bad(), readMask, MOST_LIMITS))
  return limits === null ? null : { mask, limits }
}

/** Types of sockets by family: kernels before 4.17 take them, and later ones do not know them. */
export const readNetAllowed = (stream: Stream): readonly FamilyTypes[] | null => fromHere(stream, () => {
  const size = stream.array('net_allowed_af')
  if (size === null) return null
  const bad = (): never => refuse('failed to unpack profile', 'the profile\'s sockets cannot be read')
  const types = (): number => stream.u16() ?? bad()
  const families = Array.from({ length: size }, () => ({ allow: types(), audit: types(), quiet: types() }))
  if (!stream.begin(AA_ARRAYEND)) bad()
  return families
})

export const readSecmark = (stream: Stream): readonly Secmark[] | null =>
  fromHere(stream, () => readArray(stream, 'secmark', 'secmark rules', (bad) => ({
    audit: stream.u8() ?? bad(), deny: stream.u8() ?? bad(), label: stream.string() ?? bad(),
  })))

/** Keys and values; a key without a value has an empty one. */
export const readData = (stream: Stream): ReadonlyMap<string, Uint8Array> | null => {
  if (!stream.begin(AA_STRUCT, 'data')) return null
  const data = new Map<string, Uint8Array>()
  for (let key = stream.rawString(); key !== null; key = stream.rawString()) {
    const blob = stream.blob()
    data.set(bytesName(untilNul(key)), blob === null ? new Uint8Array() : stream.bytes.slice(blob.start, blob.end))
  }
  if (!stream.begin(AA_STRUCTEND)) {
    refuse('failed to unpack end of key, value data table', 'the data of the profile have no end')
  }
  return data
}
