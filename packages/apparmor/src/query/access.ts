/** Questions in the form of the file `.access`: what a label may do with a string, and data of profiles. */
import { EFBIG, EINVAL } from '@lsmkit/abi'
import { AA_CLASS_FILE } from '../classes.ts'
import { DFA_NOMATCH } from '../dfa/dfa.ts'
import type { Label, LoadedProfile } from '../domain/objects.ts'
import { parseLabel } from '../domain/parse-label.ts'
import { noPerms } from '../domain/perm-table.ts'
import { accumulateRaw, allPerms, withModes } from '../domain/perms-math.ts'
import type { PolicyStore } from '../domain/policy-store.ts'
import { bytesName } from '../name.ts'
import type { PermEntry } from '../policydb/policy.ts'

/** The most that fits into a page beside what the kernel keeps there (MULTI_TRANSACTION_LIMIT - 1). */
const MOST = 4079

export interface Asker {
  /** The label of the task that asks: names are looked up from its namespace. */
  readonly label: Label
  /** Whether it has fsuid 0: it is answered as the owner then. */
  readonly owner: boolean
}

const encoder = new TextEncoder()
const NUL = 0

type Form = (store: PolicyStore, asker: Asker, rest: Uint8Array) => Answer

/** Forms of a question, by the words in front. */
const forms: readonly (readonly [word: string, answer: Form])[] = [
  ['profile', (store, asker, rest) => queryLabel(store, asker, rest, true)],
  ['label', (store, asker, rest) => queryLabel(store, asker, rest, true)],
  ['labelall', (store, asker, rest) => queryLabel(store, asker, rest, false)],
  ['data', (_, asker, rest) => queryData(asker, rest)],
]

export type Answer = Uint8Array | number

/** As `aa_write_access`: what a read gives afterwards, or -errno. */
export const queryAccess = (store: PolicyStore, asker: Asker, query: Uint8Array): Answer => {
  if (query.length > MOST) return -EFBIG
  for (const [word, answer] of forms) {
    if (startsWith(query, word)) return answer(store, asker, query.subarray(word.length + 1))
  }
  return -EINVAL
}

/** The word and its NUL, and something behind. */
const startsWith = (query: Uint8Array, word: string): boolean => {
  if (query.length <= word.length + 1 || query[word.length] !== NUL) return false
  for (let i = 0; i < word.length; i++) if (query[i] !== word.charCodeAt(i)) return false
  return true
}

const queryLabel = (store: PolicyStore, asker: Asker, query: Uint8Array, viewOnly: boolean): Answer => {
  const nul = query.indexOf(NUL)
  if (nul <= 0) return -EINVAL
  const label = parseLabel(asker.label, bytesName(query.subarray(0, nul)), { create: false })
  if (typeof label === 'number') return label
  const perms = labelPerms(store, label, query.subarray(nul + 1), { owner: asker.owner, viewOnly })
  return encoder.encode(permsText(perms))
}

const hex = (word: number): string => `0x${word.toString(16).padStart(8, '0')}`

const permsText = ({ allow, deny, audit, quiet }: PermEntry): string =>
  `allow ${hex(allow)}\ndeny ${hex(deny)}\naudit ${hex(audit)}\nquiet ${hex(quiet)}\n`

interface LabelQuery {
  readonly owner: boolean
  /** Profiles of the label's own namespace alone. */
  readonly viewOnly: boolean
}

/** What all profiles of a label allow for a string: a class byte and what that class matches. */
const labelPerms = (
  store: PolicyStore, label: Label, match: Uint8Array, { owner, viewOnly }: LabelQuery,
): PermEntry => {
  let perms = allPerms
  for (const profile of label.profiles) {
    if (profile.isUnconfined || (viewOnly && profile.namespace !== label.namespace)) continue
    const own = profilePerms(profile, match, owner)
    if (own !== null) perms = accumulateRaw(perms, withModes(store, profile, own))
  }
  return perms
}

/** As `profile_query_cb`; null where the profile does not mediate the class. */
const profilePerms = ({ file, rules }: LoadedProfile, match: Uint8Array, owner: boolean): PermEntry | null => {
  const of = match[0] ?? 0
  if (of === AA_CLASS_FILE) {
    const state = file.matchBytes(file.start[AA_CLASS_FILE]!, match.subarray(1))
    return state === DFA_NOMATCH ? noPerms : file.filePerms(state, owner)
  }
  if (rules.mediates(of) === DFA_NOMATCH) return null
  const state = rules.matchBytes(rules.start[0]!, match)
  return state === DFA_NOMATCH ? noPerms : rules.perms(state)
}

/** Two counts in front: of bytes behind the first, of blocks; then blocks with their lengths. */
const HEAD = 8
const LENGTH = 4

/** As `query_data`: the values of a key in all profiles of a label. */
const queryData = (asker: Asker, query: Uint8Array): Answer => {
  const nul = query.indexOf(NUL)
  const at = (nul < 0 ? query.length : nul) + 1
  if (at + 1 >= query.length || query.indexOf(NUL, at) < 0) return -EINVAL
  const label = parseLabel(asker.label, bytesName(query.subarray(0, nul)), { create: false })
  if (typeof label === 'number') return label
  const key = bytesName(query.subarray(at, query.indexOf(NUL, at)))
  const blocks = label.profiles.flatMap(({ isUnconfined, data }) => {
    const value = isUnconfined ? undefined : data?.get(key)
    return value === undefined ? [] : [value]
  })
  const size = blocks.reduce((sum, block) => sum + LENGTH + block.length, HEAD)
  return size > MOST + 1 ? -EINVAL : dataBytes(blocks, size)
}

const dataBytes = (blocks: readonly Uint8Array[], size: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, size - LENGTH, true)
  view.setUint32(LENGTH, blocks.length, true)
  let at = HEAD
  for (const block of blocks) {
    view.setUint32(at, block.length, true)
    bytes.set(block, at + LENGTH)
    at += LENGTH + block.length
  }
  return bytes
}
