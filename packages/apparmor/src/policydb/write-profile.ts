/** One profile as elements of a stream, in the order of apparmor_parser. */
import { writeDfa } from '../dfa/write-dfa.ts'
import { nameBytes } from '../name.ts'
import type { ByteSink } from './byte-sink.ts'
import { permFields, profileModes } from './policy.ts'
import type { Pdb, PermEntry, Profile, ProfileCaps } from './policy.ts'

const LOW = 0xffffffffn
const HIGH = 32n
const low = (set: bigint): number => Number(set & LOW)
const high = (set: bigint): number => Number((set >> HIGH) & LOW)

export const writeProfile = (sink: ByteSink, profile: Profile): void => {
  sink.struct('profile')
  const { namespace, name } = profile
  sink.string(namespace === null ? name : `:${namespace}:${name}`)
  if (profile.rename !== null) sink.string(profile.rename, 'rename')
  if (profile.attach !== null) sink.string(profile.attach, 'attach')
  if (profile.xmatch.dfa !== null) {
    writePdb(sink, profile.xmatch)
    sink.u32(profile.xmatchLength)
  }
  if (profile.disconnected !== null) sink.string(profile.disconnected, 'disconnected')
  writeNumber(sink, 'kill', profile.killSignal)
  writeNumber(sink, 'error', profile.refusalErrno)
  writeFlags(sink, profile)
  if (profile.pathFlags !== null) sink.u32(profile.pathFlags, 'path_flags')
  writeCaps(sink, profile.caps)
  writeLists(sink, profile)
  if (profile.policydb !== null) {
    sink.struct('policydb')
    writePdb(sink, profile.policydb)
    sink.structEnd()
  }
  writePdb(sink, profile.file)
  writeData(sink, profile.data)
  sink.structEnd()
}

const writeNumber = (sink: ByteSink, name: string, value: number | null = null): void => {
  if (value !== null) sink.u32(value, name)
}

const writeFlags = (sink: ByteSink, { flags, mode, auditAll }: Profile): void => {
  sink.struct('flags')
  sink.u32((flags.hat ? 1 : 0) | (flags.debug1 ? 2 : 0) | (flags.debug2 ? 4 : 0) |
    (flags.interruptible === true ? 8 : 0))
  sink.u32(profileModes.indexOf(mode))
  sink.u32(auditAll ? 1 : 0)
  sink.structEnd()
}

const writeCaps = (sink: ByteSink, { allow, audit, quiet, dropped, extended }: ProfileCaps): void => {
  const sets = [allow, audit, quiet, dropped]
  for (const set of sets) sink.u32(low(set))
  sink.struct('caps64')
  for (const set of sets) sink.u32(high(set))
  sink.structEnd()
  if (extended === null) return
  sink.struct('capsx')
  sink.u32(low(extended))
  sink.u32(high(extended))
  sink.structEnd()
}

const writeLists = (sink: ByteSink, { xattrs, rlimits, netAllowed = null, secmark }: Profile): void => {
  if (xattrs !== null) writeArray(sink, 'xattrs', xattrs, (name) => sink.string(name))
  if (rlimits !== null) {
    const { mask, limits } = rlimits
    writeArray(sink, 'rlimits', limits, (limit) => sink.u64(limit), () => sink.u32(mask))
  }
  if (netAllowed !== null) {
    sink.array(netAllowed.length, 'net_allowed_af')
    for (const { allow, audit, quiet } of netAllowed) for (const types of [allow, audit, quiet]) sink.u16(types)
    sink.arrayEnd()
  }
  if (secmark === null) return
  writeArray(sink, 'secmark', secmark, ({ audit, deny, label }) => {
    sink.u8(audit)
    sink.u8(deny)
    sink.string(label)
  })
}

const writeArray = <T>(
  sink: ByteSink, name: string, elements: readonly T[], write: (element: T) => void, before = (): void => {},
): void => {
  sink.struct(name)
  before()
  sink.array(elements.length)
  for (const element of elements) write(element)
  sink.arrayEnd()
  sink.structEnd()
}

/** Tables begin at a multiple of eight of the stream. */
const DFA_ALIGN = 8

const writePdb = (sink: ByteSink, { perms, dfa, start, dfaStart, transitions }: Pdb): void => {
  if (dfa === null) return
  if (perms !== null) writePerms(sink, perms)
  sink.blob(writeDfa(dfa), 'aadfa', DFA_ALIGN)
  if (start !== null) sink.u32(start, 'start')
  if (dfaStart !== null) sink.u32(dfaStart, 'dfa_start')
  if (transitions !== null) writeArray(sink, 'xtable', transitions, (target) => sink.rawString(targetBytes(target)))
}

const PERMS_VERSION = 1

const writePerms = (sink: ByteSink, perms: readonly PermEntry[]): void => {
  const writeEntry = (entry: PermEntry): void => {
    sink.u32(0)
    for (const field of permFields) sink.u32(entry[field])
  }
  writeArray(sink, 'perms', perms, writeEntry, () => sink.u32(PERMS_VERSION, 'version'))
}

/** The second colon of `:ns:name` is a NUL in the stream; `:ns:` alone keeps it. */
const targetBytes = (target: string): Uint8Array => {
  const bytes = nameBytes(target)
  const second = target.startsWith(':') ? bytes.indexOf(0x3a, 1) : -1
  if (second > 0) bytes[second] = 0
  return bytes
}

const writeData = (sink: ByteSink, data: Profile['data']): void => {
  if (data === null) return
  sink.struct('data')
  for (const [key, value] of data) {
    sink.string(key)
    sink.blob(value)
  }
  sink.structEnd()
}
