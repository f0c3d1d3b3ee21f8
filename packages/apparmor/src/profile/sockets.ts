/** Families, types and protocols of sockets, as `network` and `unix` rules name them. */
import { AF_INET, AF_INET6, AF_MAX, addressFamilyTable, socketTypeTable } from '@lsmkit/abi'
import { didYouMean } from '@lsmkit/core'
import { ProfileError } from './errors.ts'
import type { Place } from './place.ts'

/** Types that a family alone stands for. */
const TYPES = ['stream', 'dgram', 'seqpacket', 'rdm', 'raw', 'packet'] as const
const ALL = 0xffffffff

/** One way to read a rule: a family and a type, with the protocols that go with it. */
interface Mapping {
  readonly familyName: string
  readonly family: number
  readonly typeName: string
  readonly type: number
  readonly protocols: number
}

const typeNumber = (name: string): number => socketTypeTable.numberOf(`SOCK_${name.toUpperCase()}`)!

/** Names that stand for a type and protocol of internet sockets. */
const PROTOCOLS = [
  [AF_INET, 'raw', 'raw', 1 << 6], [AF_INET, 'raw', 'raw', 1 << 17], [AF_INET, 'raw', 'raw', 1 << 1],
  [AF_INET, 'tcp', 'stream', ALL], [AF_INET, 'udp', 'dgram', ALL], [AF_INET, 'icmp', 'raw', 1 << 1],
  [AF_INET6, 'tcp', 'stream', ALL], [AF_INET6, 'udp', 'dgram', ALL],
] as const

const familyNames = (): (readonly [string, number])[] => addressFamilyTable.entries()
  .filter(([name]) => name !== 'AF_DECnet').map(([name, family]) => [name.slice(3).toLowerCase(), family])

let known: readonly Mapping[] | null = null

const mappings = (): readonly Mapping[] => known ??= [
  ...familyNames().flatMap(([familyName, family]) => TYPES.map((typeName) => (
    { familyName, family, typeName, type: typeNumber(typeName), protocols: 0xffffff }
  ))),
  ...PROTOCOLS.map(([family, typeName, of, protocols]) => (
    { familyName: family === AF_INET ? 'inet' : 'inet6', family, typeName, type: typeNumber(of), protocols }
  )),
]

/** By family, the types and protocols that a rule names. A name alone may be a family, a type or a protocol. */
export const socketsNamed = (
  family: string | null, type: string | null,
): Map<number, { types: number, protocols: number }> => {
  const byFamily = mappings().filter((one) => (
    (family === null || one.familyName === family) && (type === null || one.typeName === type)
  ))
  const found = byFamily.length > 0 || type !== null
    ? byFamily
    : mappings().filter(({ typeName }) => typeName === family)
  const sockets = new Map<number, { types: number, protocols: number }>()
  for (const { family: number, type: bit, protocols } of found) {
    const old = sockets.get(number) ?? { types: 0, protocols: 0 }
    sockets.set(number, { types: old.types | 1 << bit, protocols: (old.protocols | protocols) >>> 0 })
  }
  return sockets
}

/** All families, for a rule that names none. */
export const allSockets = (): Map<number, { types: number, protocols: number }> =>
  new Map(Array.from({ length: AF_MAX }, (_, family) => [family, { types: ALL, protocols: ALL }]))

export const socketWords = (): string[] =>
  [...new Set(mappings().flatMap(({ familyName, typeName }) => [familyName, typeName]))]

const UNIX_TYPES = ['stream', 'dgram', 'raw', 'rdm', 'seqpacket', 'dccp', 'packet']

/** The type that a `type=` condition names; `none` is 0. */
export const socketType = (name: string, place: Place): number => {
  if (name === 'none') return 0
  if (UNIX_TYPES.includes(name)) return typeNumber(name)
  throw new ProfileError('bad-value',
    `\`${name}\` is not a type of socket`, place, { hint: didYouMean(name, UNIX_TYPES) })
}

/** The four or sixteen bytes of an address, or null. */
export const addressBytes = (text: string): readonly number[] | null => {
  if (/^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/u.test(text)) {
    const bytes = text.split('.').map(Number)
    return bytes.every((byte) => byte < 256) && !/(?:^|\.)0[0-9]/u.test(text) ? bytes : null
  }
  return version6(text)
}

const wordsOf = (text: string): number[] | null => {
  if (text === '') return []
  const words: number[] = []
  for (const part of text.split(':')) {
    const embedded = part.includes('.') ? addressBytes(part) : null
    if (embedded !== null) words.push(embedded[0]! << 8 | embedded[1]!, embedded[2]! << 8 | embedded[3]!)
    else if (/^[0-9a-f]{1,4}$/iu.test(part)) words.push(parseInt(part, 16))
    else return null
  }
  return words
}

const version6 = (text: string): readonly number[] | null => {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [before, behind] = halves.map(wordsOf)
  if (before === null || before === undefined || behind === null) return null
  const after = behind ?? []
  const missing = 8 - before.length - after.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null
  const words = [...before, ...Array.from({ length: missing }, () => 0), ...after]
  return words.flatMap((word) => [word >> 8, word & 0xff])
}
