/** A process's credentials in JSON, for tools: sets are masks as in /proc/PID/status, or lists of `cap_*` names. */
import { capByName, capCopy, capRaise, CapSet, capToHex } from '@lsmkit/abi'
import type { Cred } from '@lsmkit/core'
import { CapsError } from './errors.ts'
import { capMask } from './file-cap-bytes.ts'

/** A mask (`0000000000002000`), or names (`['cap_net_raw']`). */
export type SetInput = string | readonly string[]

/** Ids are of the initial user namespace. A missing field is 0, empty or false; the bounding set is full. */
export interface ProcessInput {
  /** Real, effective, saved and file-system id; one number stands for all four, three for a fourth like the second. */
  readonly uid?: number | readonly number[]
  readonly gid?: number | readonly number[]
  readonly groups?: readonly number[]
  readonly permitted?: SetInput
  readonly effective?: SetInput
  readonly inheritable?: SetInput
  readonly ambient?: SetInput
  readonly bounding?: SetInput
  readonly securebits?: number
  readonly noNewPrivs?: boolean
}

export interface ProcessOutput {
  readonly uid: readonly [real: number, effective: number, saved: number, fs: number]
  readonly gid: readonly [real: number, effective: number, saved: number, fs: number]
  readonly groups: readonly number[]
  /** Sixteen hexadecimal digits each. */
  readonly permitted: string
  readonly effective: string
  readonly inheritable: string
  readonly ambient: string
  readonly bounding: string
  readonly securebits: number
  readonly noNewPrivs: boolean
}

/** The ids and sets of a `Cred` that a tool needs. */
export type ProcessCred = Pick<
  Cred,
  | 'uid' | 'euid' | 'suid' | 'fsuid' | 'gid' | 'egid' | 'sgid' | 'fsgid' | 'group_info' | 'securebits'
  | 'cap_permitted' | 'cap_effective' | 'cap_inheritable' | 'cap_ambient' | 'cap_bset'
>

const refuse = (message: string, place: string, hint: string | null = null): never => {
  throw new CapsError('bad-state', message, place, hint)
}

type Fields = Readonly<Record<string, unknown>>
/** Refuses anything other than an object whose keys are all in `known`. */
export const readObject = (value: unknown, place: string, known: readonly string[]): Fields => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('is not an object', place)
  const odd = Object.keys(value).find((key) => !known.includes(key))
  if (odd !== undefined) refuse(`there is no \`${odd}\``, place, `known: ${known.join(', ')}`)
  return value as Fields
}

/** A whole number from 0 to `max`; `fallback` when left out. */
export const readNumber = (value: unknown, place: string, fallback: number, max = 0xffffffff): number => {
  if (value === undefined) return fallback
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max) return value
  return refuse('is not a whole number in range', place, `0 to ${max}`)
}

export const readBoolean = (value: unknown, place: string): boolean =>
  value === undefined ? false : typeof value === 'boolean' ? value : refuse('is not true or false', place)

/** Ids stop below 4294967295, which stands for none. */
const MAX_ID = 0xfffffffe
const readIds = (value: unknown, place: string): [number, number, number, number] => {
  if (!Array.isArray(value)) {
    const id = readNumber(value, place, 0, MAX_ID)
    return [id, id, id, id]
  }
  if (value.length !== 3 && value.length !== 4) return refuse('takes one, three or four ids', place)
  const [real, effective, saved, fs] = value.map((id, i) => readNumber(id, `${place}[${i}]`, 0, MAX_ID))
  return [real!, effective!, saved!, fs ?? effective!]
}

const readGroups = (value: unknown, place: string): number[] => {
  if (!Array.isArray(value)) return refuse('is not a list', place)
  return value.map((id, i) => readNumber(id, `${place}[${i}]`, 0, MAX_ID)).sort((a, b) => a - b)
}

const readSet = (value: unknown, place: string, fallback: string): CapSet => {
  if (value === undefined || typeof value === 'string') return capCopy(capMask(value ?? fallback, place))
  if (!Array.isArray(value)) return refuse('is not a mask or a list of names', place)
  const set = new CapSet()
  for (const [i, name] of value.entries())
    capRaise(set, capByName(String(name)) ?? refuse(`\`${String(name)}\` is not a capability`, `${place}[${i}]`))
  return set
}

const NONE = '0'
const FULL = '1ffffffffff'

const keys = [
  'uid', 'gid', 'groups', 'permitted', 'effective', 'inheritable', 'ambient', 'bounding', 'securebits', 'noNewPrivs',
]

/** Throws CapsError `bad-state` or `bad-mask`. */
export const readProcess = (value: unknown, place: string): { cred: ProcessCred; noNewPrivs: boolean } => {
  const state = readObject(value, place, keys)
  const [uid, euid, suid, fsuid] = readIds(state.uid, `${place}.uid`)
  const [gid, egid, sgid, fsgid] = readIds(state.gid, `${place}.gid`)
  const gids = readGroups(state.groups ?? [], `${place}.groups`)
  const cred = {
    uid, euid, suid, fsuid, gid, egid, sgid, fsgid,
    group_info: { gid: gids },
    securebits: readNumber(state.securebits, `${place}.securebits`, 0),
    cap_permitted: readSet(state.permitted, `${place}.permitted`, NONE),
    cap_effective: readSet(state.effective, `${place}.effective`, NONE),
    cap_inheritable: readSet(state.inheritable, `${place}.inheritable`, NONE),
    cap_ambient: readSet(state.ambient, `${place}.ambient`, NONE),
    cap_bset: readSet(state.bounding, `${place}.bounding`, FULL),
  }
  return { cred, noNewPrivs: readBoolean(state.noNewPrivs, `${place}.noNewPrivs`) }
}

export const writeProcess = (cred: ProcessCred, noNewPrivs: boolean): ProcessOutput => ({
  uid: [cred.uid, cred.euid, cred.suid, cred.fsuid],
  gid: [cred.gid, cred.egid, cred.sgid, cred.fsgid],
  groups: cred.group_info.gid,
  permitted: capToHex(cred.cap_permitted),
  effective: capToHex(cred.cap_effective),
  inheritable: capToHex(cred.cap_inheritable),
  ambient: capToHex(cred.cap_ambient),
  bounding: capToHex(cred.cap_bset),
  securebits: cred.securebits,
  noNewPrivs,
})
