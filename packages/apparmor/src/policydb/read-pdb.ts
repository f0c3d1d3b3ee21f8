/** Automaton, permission table and exec targets of one set of rules (`unpack_pdb`). */
import { DFA_START } from '../dfa/dfa.ts'
import type { Dfa } from '../dfa/dfa.ts'
import { readDfa } from '../dfa/read-dfa.ts'
import { align8 } from '../dfa/table-set.ts'
import { ApparmorError } from '../errors.ts'
import { bytesName } from '../name.ts'
import { AA_ARRAYEND, AA_STRUCT, AA_STRUCTEND } from './codes.ts'
import { permFields } from './policy.ts'
import type { Pdb, PermEntry } from './policy.ts'
import type { Stream } from './stream.ts'

/** Why a part cannot be read: the kernel's word for it, and ours. */
export class Unreadable extends Error {
  readonly info: string
  readonly code: 'bad-element' | 'bad-dfa' | 'bad-permissions'

  constructor(info: string, message: string, code: 'bad-element' | 'bad-dfa' | 'bad-permissions' = 'bad-element') {
    super(message)
    this.info = info
    this.code = code
  }
}

interface Needs {
  /** `policydb` has an automaton, or it would not be there. */
  readonly dfa: boolean
  /** A table of exec targets that cannot be read is an error; elsewhere it is left where it is. */
  readonly transitions: boolean
}

/** Throws Unreadable, and leaves the stream where it was then. */
export const readPdb = (stream: Stream, needs: Needs): Pdb => {
  const from = stream.at
  try {
    return pdbAt(stream, needs)
  } catch (error) {
    stream.at = from
    throw error
  }
}

const pdbAt = (stream: Stream, needs: Needs): Pdb => {
  const perms = readPerms(stream)
  const dfa = dfaOf(stream, perms !== null)
  if (dfa === null && needs.dfa) throw new Unreadable('missing required dfa', 'the rules have no automaton')
  let start: number | null = null
  let dfaStart: number | null = null
  if (dfa !== null) {
    start = stream.u32('start')
    dfaStart = stream.u32('dfa_start')
    const states = dfa.base.length
    if ((start ?? DFA_START) >= states || (dfaStart ?? DFA_START) >= states) {
      throw new Unreadable('invalid dfa start state', `an automaton of ${states} states starts beyond them`, 'bad-dfa')
    }
  }
  const at = stream.at
  let transitions: readonly string[] | null = null
  try {
    transitions = readTransitions(stream)
  } catch (error) {
    if (!(error instanceof Unreadable) || needs.transitions) throw error
    stream.at = at
  }
  return { perms, dfa, start, dfaStart, transitions: dfa === null ? null : transitions }
}

const dfaOf = (stream: Stream, indexed: boolean): Dfa | null => {
  const blob = stream.blob('aadfa')
  if (blob === null) return null
  // the tables begin at a multiple of eight, counted from where the kernel counts
  const from = blob.start - (blob.end & 7)
  const start = blob.start + align8(from) - from
  try {
    return readDfa(stream.bytes.subarray(Math.min(start, blob.end), blob.end), indexed)
  } catch (error) {
    if (!(error instanceof ApparmorError)) throw error
    throw new Unreadable('failed to unpack - dfa', error.message, 'bad-dfa')
  }
}

const badPerms = (): never => {
  throw new Unreadable('failed to unpack - perms', 'the permission table cannot be read', 'bad-permissions')
}

/** The version of a permission table that 6.12 reads. */
const PERMS_VERSION = 1

/** As `unpack_perms_table`; null where there is none. */
const readPerms = (stream: Stream): readonly PermEntry[] | null => {
  if (!stream.begin(AA_STRUCT, 'perms')) return null
  const version = stream.u32('version') ?? badPerms()
  const size = stream.array() ?? badPerms()
  const perms: PermEntry[] = []
  for (let i = 0; i < size; i++) {
    if (version !== PERMS_VERSION) badPerms()
    perms.push(readPerm(stream))
  }
  if (!stream.begin(AA_ARRAYEND) || !stream.begin(AA_STRUCTEND)) badPerms()
  return perms
}

const readPerm = (stream: Stream): PermEntry => {
  if (stream.u32() === null) badPerms()
  const entry: Record<string, number> = {}
  for (const field of permFields) entry[field] = stream.u32() ?? badPerms()
  return entry as unknown as PermEntry
}

const badTransitions = (why: string): never => {
  throw new Unreadable('failed to unpack profile transition table', `the table of exec targets ${why}`)
}

/** As `unpack_trans_table`; null where there is none. */
const readTransitions = (stream: Stream): readonly string[] | null => {
  if (!stream.begin(AA_STRUCT, 'xtable')) return null
  const size = stream.array() ?? badTransitions('has no size')
  const targets: string[] = []
  for (let i = 0; i < size; i++) targets.push(targetOf(stream.rawString() ?? badTransitions(`ends at target ${i}`)))
  if (!stream.begin(AA_ARRAYEND) || !stream.begin(AA_STRUCTEND)) badTransitions('has no end')
  return targets
}

const COLON = 0x3a

/** The kernel's isspace: of Latin-1, so that the space which does not break counts. */
const isSpace = (byte: number): boolean => (byte >= 9 && byte <= 13) || byte === 0x20 || byte === 0xa0

/** A target; behind `:ns` a NUL stands for the second colon. */
const targetOf = (bytes: Uint8Array): string => {
  if (isSpace(bytes[0] ?? 0)) badTransitions('has a target that begins with a blank')
  const nuls = bytes.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0)
  if (bytes[0] !== COLON) return nuls === 0 ? bytesName(bytes) : badTransitions('has a target with a NUL inside')
  if ((bytes[1] ?? 0) === 0) badTransitions('has a target with an empty namespace')
  if (nuls > 1) badTransitions('has a target with several NULs inside')
  return bytesName(bytes.map((byte) => byte === 0 ? COLON : byte))
}
