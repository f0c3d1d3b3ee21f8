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
export const splitSections = (bytes: Uint8Array): Section[] => {
  if (!isModule(bytes)) throw new ProgramError('not-a-module', 'the program is not a WebAssembly 1.0 core module')
  const cursor = new Cursor(bytes, HEADER.length)
  const sections: Section[] = []
  while (!cursor.done) {
    const id = cursor.byte()
    const size = cursor.u32()
    const start = cursor.at
    cursor.skip(size)
    sections.push({ id, body: bytes.subarray(start, cursor.at) })
  }
  return sections
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
export const appendEntry = (sections: readonly Section[], id: number, entry: readonly number[]): Section[] =>
  appendEntries(sections, id, [entry])

export const appendEntries = (
  sections: readonly Section[], id: number, entries: readonly (readonly number[])[],
): Section[] => {
  const old = findSection(sections, id)
  const cursor = new Cursor(old?.body ?? NO_ENTRIES)
  const count = leb(cursor.u32() + entries.length)
  const rest = cursor.bytes.subarray(cursor.at)
  const body = new Uint8Array(entries.reduce((sum, { length }) => sum + length, count.length + rest.length))
  body.set(count)
  body.set(rest, count.length)
  let at = count.length + rest.length
  for (const entry of entries) {
    body.set(entry, at)
    at += entry.length
  }
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
