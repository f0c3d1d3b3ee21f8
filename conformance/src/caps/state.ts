/** The privileges of a process, before a call and after it, and the two notations of the recorded tables for them. */
import {
  CAP_FULL_SET, CAP_SYS_RESOURCE, capByName, capCopy, capEqual, capFromHex, capIsEmpty, capList, capLower, capName,
  capRaise, CapSet, capToShortHex,
} from '@lsmkit/abi'
import type { CapWords } from '@lsmkit/abi'
import { UsageError } from '../suite.ts'

export type FourIds = readonly [real: number, effective: number, saved: number, fs: number]

export interface ProcessState {
  readonly uid: FourIds
  readonly gid: FourIds
  readonly groups: readonly number[]
  readonly P: CapWords
  readonly I: CapWords
  readonly E: CapWords
  readonly A: CapWords
  readonly B: CapWords
  readonly securebits: number
  readonly nnp: boolean
}

const sets = ['P', 'I', 'E', 'A', 'B'] as const

/** Four ids, or three whose file-system id is the effective one. */
const readIds = (text: string): FourIds => {
  const [real, effective, saved, fs = effective] = text.split(',').map(Number)
  return [real!, effective!, saved!, fs!]
}

export const readHex = (text: string): CapSet => {
  const set = capFromHex(text)
  if (set === undefined) throw new UsageError(`\`${text}\` is not a mask`)
  return set
}

/** What `writeColumns` writes, in that order. */
const columns = ['uid(r,e,s,fs)', 'gid(r,e,s)', ...sets, 'securebits', 'nnp']
export const columnsBefore = columns.map((name) => `pre.${name}`)
export const columnsAfter = columns.map((name) => `post.${name}`)

/** Out of `columnsBefore`; sets are hexadecimal. */
export const readColumns = (row: Readonly<Record<string, string>>): ProcessState => ({
  uid: readIds(row['pre.uid(r,e,s,fs)']!),
  gid: readIds(row['pre.gid(r,e,s)']!),
  groups: [],
  P: readHex(row['pre.P']!),
  I: readHex(row['pre.I']!),
  E: readHex(row['pre.E']!),
  A: readHex(row['pre.A']!),
  B: readHex(row['pre.B']!),
  securebits: parseInt(row['pre.securebits']!, 16),
  nnp: row['pre.nnp'] === '1',
})

export const writeColumns = ({ uid, gid, securebits, nnp, ...state }: ProcessState): string[] => [
  uid.join(),
  gid.slice(0, 3).join(),
  ...sets.map((set) => capToShortHex(state[set])),
  securebits.toString(16),
  nnp ? '1' : '0',
]

/** Everything the host that recorded the named tables had. */
const ALL: CapWords = (() => {
  const all = capCopy(CAP_FULL_SET)
  capLower(all, CAP_SYS_RESOURCE)
  return all
})()

/** `ALL`, `-`, or names without `cap_`. */
export const readNames = (text: string): CapSet => {
  if (text === 'ALL') return capCopy(ALL)
  const set = new CapSet()
  for (const name of text === '-' ? [] : text.split(',')) {
    const cap = capByName(`cap_${name}`)
    if (cap === undefined) throw new UsageError(`\`${name}\` is not a capability`)
    capRaise(set, cap)
  }
  return set
}

export const writeNames = (set: CapWords): string => {
  if (capEqual(set, ALL)) return 'ALL'
  return capIsEmpty(set) ? '-' : capList(set).map((cap) => capName(cap).toLowerCase().replace('cap_', '')).join()
}

/** `name=value` pairs of a text, first ones first. */
export const readPairs = (text: string): ReadonlyMap<string, string> =>
  new Map([...text.matchAll(/([A-Za-z_0-9]+)=([^\s()]*)/g)].map(([, name, value]) => [name!, value!]))

/** `uid=0,0,0,0 gid=… groups=- P=… E=… I=… A=… B=… securebits=0x00 nnp=0`. */
export const readWords = (text: string): ProcessState => {
  const words = readPairs(text)
  const word = (name: string, otherwise: string) => words.get(name) ?? otherwise
  return {
    uid: readIds(word('uid', '0,0,0,0')),
    gid: readIds(word('gid', '0,0,0,0')),
    groups: word('groups', '-') === '-' ? [] : word('groups', '-').split(',').map(Number),
    P: readNames(word('P', '-')),
    I: readNames(word('I', '-')),
    E: readNames(word('E', '-')),
    A: readNames(word('A', '-')),
    B: readNames(word('B', 'ALL')),
    securebits: Number(word('securebits', '0')),
    nnp: word('nnp', '0') === '1',
  }
}

export const writeWords = ({ uid, gid, P, E, I, A, B, securebits }: ProcessState): string =>
  [
    `uid=${uid.join()}`, `gid=${gid.join()}`, `P=${writeNames(P)}`, `E=${writeNames(E)}`, `I=${writeNames(I)}`,
    `A=${writeNames(A)}`, `B=${writeNames(B)}`, `securebits=0x${securebits.toString(16).padStart(2, '0')}`,
  ].join(' ')
