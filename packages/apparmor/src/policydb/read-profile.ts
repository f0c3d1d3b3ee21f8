/** One profile of a stream (`unpack_profile`). */
import { ApparmorError } from '../errors.ts'
import { splitName } from '../fqname.ts'
import { AA_STRUCT, AA_STRUCTEND } from './codes.ts'
import type { Profile } from './policy.ts'
import { readPdb, Unreadable } from './read-pdb.ts'
import { readCaps, readData, readFlags, readNetAllowed, readRlimits, readSecmark, readXattrs } from './read-parts.ts'
import type { Stream } from './stream.ts'

/** Throws ApparmorError with what the kernel logs: info, name and offset. `isLenient` takes what other kernels know. */
export const readProfile = (stream: Stream, version: number, isLenient = false): Profile => {
  const known = { name: 'unknown' }
  try {
    return profileAt(stream, version, known, isLenient)
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    const { code, info, message } = error
    throw new ApparmorError(code, message, { info, profile: known.name, offset: stream.at })
  }
}

const refuse = (info: string, message: string): never => {
  throw new Unreadable(info, message)
}

interface ProfileName {
  readonly name: string
  readonly namespace: string | null
}

/** `known` gets the name as soon as there is one. */
const nameOf = (stream: Stream, known: { name: string }): ProfileName => {
  const bad = (): never => refuse('failed to unpack profile', 'a profile cannot be read')
  if (!stream.begin(AA_STRUCT, 'profile')) bad()
  const whole = stream.string() ?? bad()
  known.name = whole
  if (whole === '') bad()
  const { namespace, name } = splitName(whole)
  if (namespace === null) return { name: whole, namespace }
  if (name === null) refuse('empty profile name', `the name ${whole} is a namespace alone`)
  known.name = name!
  return { name: name!, namespace }
}

const profileAt = (stream: Stream, version: number, known: { name: string }, isLenient: boolean): Profile => {
  const name = nameOf(stream, known)
  const rename = stream.string('rename')
  const attach = stream.string('attach')
  const xmatch = xmatchOf(stream)
  const noLength = (): never => refuse('missing xmatch len', 'an attachment has no length')
  const xmatchLength = xmatch.dfa === null ? 0 : stream.u32() ?? noLength()
  const disconnected = stream.string('disconnected')
  const killSignal = isLenient ? stream.u32('kill') : null
  const refusalErrno = isLenient ? stream.u32('error') : null
  const modes = readFlags(stream, version)
  const pathFlags = stream.u32('path_flags')
  const caps = readCaps(stream)
  const xattrs = readXattrs(stream)
  const rlimits = readRlimits(stream)
  const netAllowed = isLenient ? readNetAllowed(stream) : null
  const secmark = readSecmark(stream)
  const policydb = rulesOf(stream)
  const file = readPdb(stream, { dfa: false, transitions: true })
  const data = readData(stream)
  if (!stream.begin(AA_STRUCTEND)) refuse('failed to unpack end of profile', 'the profile has no end')
  return {
    ...name, rename, attach, xmatch, xmatchLength, disconnected, ...modes, pathFlags, caps, xattrs, rlimits,
    ...given({ killSignal, refusalErrno, netAllowed }), secmark, policydb, file, data,
  }
}

/** The fields that are there. */
const given = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Partial<T>

const xmatchOf = (stream: Stream) => {
  try {
    return readPdb(stream, { dfa: false, transitions: false })
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    throw new Unreadable('bad xmatch', error.message, error.code)
  }
}

const rulesOf = (stream: Stream) => {
  if (!stream.begin(AA_STRUCT, 'policydb')) return null
  const pdb = readPdb(stream, { dfa: true, transitions: false })
  if (!stream.begin(AA_STRUCTEND)) refuse('failed to unpack policydb', 'the rules have no end')
  return pdb
}
