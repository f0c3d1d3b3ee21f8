/** A module as its list of sections: split, change one, join again. */
import { ProgramError } from '../errors.ts'
import { Cursor, leb } from './leb128.ts'

/** Section ids. */
export const TYPE = 1
export const IMPORT = 2
export const FUNCTION = 3
export const TABLE = 4
export const MEMORY = 5
export const GLOBAL = 6
export const EXPORT = 7
export const START = 8
export const ELEMENT = 9
export const CODE = 10
export const TAG = 13

/** The order sections must stand in; custom sections (0) stand anywhere. */
export const SECTION_ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

export interface Section {
  readonly id: number
  readonly body: Uint8Array
}

export const isModule = (bytes: Uint8Array): boolean => HEADER.every((byte, i) => bytes[i] === byte)

/** Throws `not-a-module` for anything that is not a WebAssembly 1.0 core module. */
export const splitSections = (bytes: Uint8Array): Section[] => [...readSections(bytes)]

/** The same, one by one. */
export function* readSections(bytes: Uint8Array): Generator<Section, void, void> {
  if (!isModule(bytes)) throw new ProgramError('not-a-module', 'the program is not a WebAssembly 1.0 core module')
  const cursor = new Cursor(bytes, HEADER.length)
  while (!cursor.done) {
    const id = cursor.byte()
    const size = cursor.u32()
    const start = cursor.at
    cursor.skip(size)
    yield { id, body: bytes.subarray(start, cursor.at) }
  }
}

export const joinSections = (sections: readonly Section[]): Uint8Array<ArrayBuffer> => {
  const heads = sections.map(({ id, body }) => [id, ...leb(body.length)])
  const size = sections.reduce((sum, { body }, i) => sum + (heads[i] as number[]).length + body.length, HEADER.length)
  const bytes = new Uint8Array(size)
  bytes.set(HEADER)
  let at = HEADER.length
  sections.forEach(({ body }, i) => {
    const head = heads[i] as number[]
    bytes.set(head, at)
    bytes.set(body, at + head.length)
    at += head.length + body.length
  })
  return bytes
}

export const findSection = (sections: readonly Section[], id: number): Section | undefined =>
  sections.find((section) => section.id === id)

/** The number of entries of a section that is a vector, 0 when it is not there. */
export const entryCount = (sections: readonly Section[], id: number): number => {
  const section = findSection(sections, id)
  return section === undefined ? 0 : new Cursor(section.body).u32()
}

/** `sections` with one entry more at the end of the vector `id`, which is made when it is missing. */
export const appendEntry = (sections: readonly Section[], id: number, entry: ArrayLike<number>): Section[] =>
  appendEntries(sections, id, 1, entry)

/** The same with so many entries, one behind the other. */
export const appendEntries = (
  sections: readonly Section[], id: number, count: number, entries: ArrayLike<number>,
): Section[] => {
  const old = findSection(sections, id)
  const cursor = new Cursor(old?.body ?? NO_ENTRIES)
  const head = leb(cursor.u32() + count)
  const rest = cursor.bytes.subarray(cursor.at)
  const body = new Uint8Array(head.length + rest.length + entries.length)
  body.set(head)
  body.set(rest, head.length)
  body.set(entries, head.length + rest.length)
  return old === undefined ? insertSection(sections, { id, body }) : replaceSection(sections, { id, body })
}
const NO_ENTRIES = Uint8Array.of(0)

export const replaceSection = (sections: readonly Section[], section: Section): Section[] =>
  sections.map((old) => (old.id === section.id ? section : old))

export const removeSection = (sections: readonly Section[], id: number): Section[] =>
  sections.filter((section) => section.id !== id)

const insertSection = (sections: readonly Section[], section: Section): Section[] => {
  const rank = SECTION_ORDER.indexOf(section.id)
  const after = sections.findIndex(({ id }) => id !== 0 && SECTION_ORDER.indexOf(id) > rank)
  const at = after === -1 ? sections.length : after
  return [...sections.slice(0, at), section, ...sections.slice(at)]
}
