/** Where the elements of a policy binary lie, and the tables of the automata in it. */

export interface Element {
  /** The type byte of the stream. */
  readonly code: number
  readonly at: number
  /** Behind the type byte and the size. */
  readonly body: number
  readonly end: number
}

const FIXED: Readonly<Record<number, number>> = { 0: 1, 1: 2, 2: 4, 3: 8, 7: 0, 8: 0, 9: 0, 10: 0, 11: 2, 12: 0 }
export const U32 = 2
export const NAME = 4
export const STRING = 5
export const BLOB = 6
export const ARRAY = 11

const elementAt = (bytes: Uint8Array, at: number): Element => {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const code = bytes[at]!
  if (code === NAME || code === STRING) return { code, at, body: at + 3, end: at + 3 + view.getUint16(at + 1, true) }
  if (code === BLOB) return { code, at, body: at + 5, end: at + 5 + view.getUint32(at + 1, true) }
  return { code, at, body: at + 1, end: at + 1 + (FIXED[code] ?? 0) }
}

/** Elements in order, of a binary that is in order. */
export const elementsOf = (bytes: Uint8Array): Element[] => {
  const elements: Element[] = []
  for (let at = 0; at < bytes.length; at = elements.at(-1)!.end) elements.push(elementAt(bytes, at))
  return elements
}

export interface Table {
  /** Of the header: u16 id, u16 width, u32 hi, u32 length. */
  readonly at: number
  readonly width: number
  readonly length: number
}

export interface Automaton {
  readonly header: number
  readonly tables: readonly Table[]
}

const MAGIC = 0x1b5e783d
const TABLE_HEADER = 12
const align8 = (n: number): number => (n + 7) & ~7

/** The automaton in a blob, null where there is none. */
export const automatonIn = (bytes: Uint8Array, { body, end }: Element): Automaton | null => {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  let header = body
  while (header + 16 <= end && header < body + 16 && view.getUint32(header) !== MAGIC) header++
  if (header + 16 > end || view.getUint32(header) !== MAGIC) return null
  const tables: Table[] = []
  for (let at = header + view.getUint32(header + 4); at + TABLE_HEADER <= end;) {
    const table = { at, width: view.getUint16(at + 2), length: view.getUint32(at + 8) }
    tables.push(table)
    at += align8(TABLE_HEADER + table.width * table.length)
  }
  return { header, tables }
}
