/** Random damage to a policy binary: single bits, elements of the stream, words of automata and their tables. */
import type { Words } from '../apparmor-compile/words.ts'
import { ARRAY, automatonIn, BLOB, elementsOf, NAME, STRING, U32 } from './elements.ts'
import type { Element } from './elements.ts'

/** Offset, bytes that go, bytes that come in their place. */
export type Patch = readonly [offset: number, removed: number, bytes: readonly number[]]

export interface Damage {
  readonly description: string
  readonly patch: Patch
}

type Kind = (bytes: Uint8Array, words: Words) => Damage

const little = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256)
const big = (value: number, size: number): number[] => little(value, size).toReversed()

const VALUES = [
  0, 1, 2, 3, 4, 5, 7, 8, 9, 0x10, 0x1f, 0x20, 0x7f, 0x80, 0xff, 0x100, 0x3ff, 0x400, 0x7fff, 0x8000, 0xffff, 0x1_0000,
  0x0100_0000, 0x2000_0000, 0x4000_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff,
] as const

const value = (words: Words, was: number): number => {
  if (words.rarely(3)) return (was + 1) >>> 0
  if (words.rarely(3)) return (was - 1) >>> 0
  return words.rarely(3) ? (was ^ (1 << words.pick(32))) >>> 0 : words.one(VALUES)
}

const elementOf = (bytes: Uint8Array, words: Words, codes: readonly number[]): Element => {
  const fitting = elementsOf(bytes).filter(({ code }) => codes.includes(code))
  return words.one(fitting)
}

const bit: Kind = (bytes, words) => {
  const at = words.pick(bytes.length)
  const mask = 1 << words.pick(8)
  return { description: `bit ${mask} at ${at}`, patch: [at, 1, [bytes[at]! ^ mask]] }
}

const byte: Kind = (bytes, words) => {
  const at = words.pick(bytes.length)
  const now = words.pick(256)
  return { description: `byte ${now} at ${at}`, patch: [at, 1, [now]] }
}

const tag: Kind = (bytes, words) => {
  const { at, code } = words.one(elementsOf(bytes))
  const now = words.rarely(5) ? words.pick(256) : words.pick(14)
  return { description: `type ${code} at ${at} is ${now}`, patch: [at, 1, [now]] }
}

const size: Kind = (bytes, words) => {
  const { at, code, body } = elementOf(bytes, words, [NAME, STRING, BLOB, ARRAY])
  const width = body - at - 1 || 2
  const was = bytes[at + 1]! + bytes[at + 2]! * 256
  const now = value(words, was) % 2 ** (8 * width)
  return { description: `size ${was} at ${at} of type ${code} is ${now}`, patch: [at + 1, width, little(now, width)] }
}

const number: Kind = (bytes, words) => {
  const { body } = elementOf(bytes, words, [U32])
  const was = new DataView(bytes.buffer, bytes.byteOffset).getUint32(body, true)
  const now = value(words, was)
  return { description: `number ${was} at ${body} is ${now}`, patch: [body, 4, little(now, 4)] }
}

const LETTERS = [0, 0x20, 0x3a, 0x2f, 0x26, 0x0a, 0x22, 0x28, 0x80, 0xff, 0x61] as const

const letter: Kind = (bytes, words) => {
  const { body, end } = elementOf(bytes, words, [STRING, NAME])
  const at = words.rarely(3) ? end - 1 : body + words.pick(Math.max(1, end - body))
  const now = words.one(LETTERS)
  return { description: `letter ${now} at ${at}`, patch: [at, 1, [now]] }
}

const TEXTS = ['', ':', '::', ':ns:', ':ns:x', ':ns://x', '/x', ' x', 'x//y', '//', '//x', 'x//', 'unconfined', '&x'] as const

const text: Kind = (bytes, words) => {
  const { at, end } = elementOf(bytes, words, [STRING])
  const now = words.one(TEXTS)
  const all = [STRING, ...little(now.length + 1, 2), ...new TextEncoder().encode(now), 0]
  return { description: `text at ${at} is "${now}"`, patch: [at, end - at, all] }
}

const truncated: Kind = (bytes, words) => {
  const at = words.rarely(2) ? words.pick(bytes.length) : words.one(elementsOf(bytes)).end
  return { description: `truncated to ${at}`, patch: [at, bytes.length - at, []] }
}

const removed: Kind = (bytes, words) => {
  const { at, end, code } = words.one(elementsOf(bytes))
  return { description: `type ${code} at ${at} removed`, patch: [at, end - at, []] }
}

const doubled: Kind = (bytes, words) => {
  const { at, end, code } = words.one(elementsOf(bytes))
  return { description: `type ${code} at ${at} twice`, patch: [end, 0, [...bytes.slice(at, end)]] }
}

const inserted: Kind = (bytes, words) => {
  const { at } = words.one(elementsOf(bytes))
  const now = words.one([[0], [0, 0, 0], [NAME, 2, 0, 0x78, 0], [U32, 1, 0, 0, 0], [STRING, 1, 0, 0], [8], [12]])
  return { description: `${now.join(',')} put in at ${at}`, patch: [at, 0, now] }
}

const trailing: Kind = (bytes, words) => {
  const now = Array.from({ length: 1 + words.pick(12) }, () => words.one([0, 4, 5, 7, 8, words.pick(256)]))
  return { description: `${now.join(',')} behind the end`, patch: [bytes.length, 0, now] }
}

const swapped: Kind = (bytes, words) => {
  const elements = elementsOf(bytes)
  const i = words.pick(elements.length - 1)
  const [first, second] = [elements[i]!, elements[i + 1]!]
  const now = [...bytes.slice(second.at, second.end), ...bytes.slice(first.at, first.end)]
  return { description: `types at ${first.at} and ${second.at} change places`, patch: [first.at, now.length, now] }
}

/** Damage to an automaton; to a single byte where the policy has none. */
const inAutomaton = (damage: (bytes: Uint8Array, words: Words, blob: Element) => Damage | null): Kind =>
  (bytes, words) => {
    const blobs = elementsOf(bytes).filter((one) => one.code === BLOB && automatonIn(bytes, one) !== null)
    return (blobs.length === 0 ? null : damage(bytes, words, words.one(blobs))) ?? byte(bytes, words)
  }

const automatonHeader = inAutomaton((bytes, words, blob) => {
  const { header } = automatonIn(bytes, blob)!
  const [offset, width] = words.one([[0, 4], [4, 4], [8, 4], [12, 2], [12, 2], [14, 1]] as const)
  const now = value(words, bytes[header + offset + width - 1]!) % 2 ** (8 * width)
  const description = `header of an automaton +${offset} is ${now}`
  return { description, patch: [header + offset, width, big(now, width)] }
})

const tableHeader = inAutomaton((bytes, words, blob) => {
  const { tables } = automatonIn(bytes, blob)!
  const { at, width, length } = words.one(tables)
  const [offset, size_, was] = words.one([[0, 2, bytes[at + 1]!], [2, 2, width], [4, 4, 0], [8, 4, length]] as const)
  const now = value(words, was) % 2 ** (8 * size_)
  return { description: `table ${bytes[at + 1]} +${offset} is ${now}`, patch: [at + offset, size_, big(now, size_)] }
})

const tableValue = inAutomaton((bytes, words, blob) => {
  const { tables } = automatonIn(bytes, blob)!
  const { at, width, length } = words.one(tables)
  const entry = at + 12 + width * words.pick(length)
  const was = [...bytes.slice(entry, entry + width)].reduce((all, one) => all * 256 + one, 0)
  const now = (words.rarely(3) ? words.pick(Math.max(1, length * 2)) : value(words, was)) % 2 ** (8 * width)
  return { description: `table ${bytes[at + 1]} value ${was} is ${now}`, patch: [entry, width, big(now, width)] }
})

const tableGone = inAutomaton((bytes, words, blob) => {
  const { tables } = automatonIn(bytes, blob)!
  const i = words.pick(tables.length)
  const { at } = tables[i]!
  const end = tables[i + 1]?.at ?? blob.end
  return { description: `table ${bytes[at + 1]} removed`, patch: [at, end - at, []] }
})

const KINDS: readonly Kind[] = [
  bit, bit, byte, tag, tag, size, size, number, number, number, letter, letter, text, text, truncated, removed, removed,
  doubled, inserted, trailing, swapped, automatonHeader, tableHeader, tableHeader, tableValue, tableValue, tableValue,
  tableValue, tableGone,
]

export const damageTo = (bytes: Uint8Array, words: Words): Damage => words.one(KINDS)(bytes, words)
