/** The memories and tables that a module declares. Shared ones, to wait on, and 64-bit ones are refused. */
import { ProgramError } from '../errors.ts'
import { isException, skipInstruction } from './instructions.ts'
import { Cursor } from './leb128.ts'
import { findSection, MEMORY, TABLE } from './sections.ts'
import type { Section } from './sections.ts'

/** In pages, or entries. */
export interface Extent {
  readonly initial: number
  /** Infinity when nothing is said. */
  readonly maximum: number
}

export interface Table extends Extent {
  /** The bytes before the extent: the type of the entries. */
  readonly type: Uint8Array
  readonly holdsExceptions: boolean
  /** The bytes behind: an expression for the first entries, or nothing. */
  readonly rest: Uint8Array
}

export const readMemories = (sections: readonly Section[]): Extent[] =>
  readEntries(sections, MEMORY, (c) => readExtent(c, 'memory'))

export const readTables = (sections: readonly Section[]): Table[] =>
  readEntries(sections, TABLE, (c) => {
    const start = c.at
    const hasExpression = c.bytes[start] === 0x40
    if (hasExpression) c.skip(2)
    const holdsExceptions = isException(c)
    const type = c.bytes.subarray(start, c.at)
    const extent = readExtent(c, 'table')
    const behind = c.at
    if (hasExpression) skipExpression(c)
    return { ...extent, type, holdsExceptions, rest: c.bytes.subarray(behind, c.at) }
  })

/** The results of `read` for each entry of a section. */
export const readEntries = <T>(sections: readonly Section[], id: number, read: (c: Cursor) => T): T[] => {
  const section = findSection(sections, id)
  if (section === undefined) return []
  const cursor = new Cursor(section.body)
  const entries: T[] = []
  for (let left = cursor.u32(); left > 0; left--) entries.push(read(cursor))
  return entries
}

const END = 0x0b
export const skipExpression = (c: Cursor): void => {
  while (skipInstruction(c) !== END);
}

const HAS_MAX = 0x01
const IS_64 = 0x04

const readExtent = (c: Cursor, what: string): Extent => {
  const flags = c.byte()
  if (flags > HAS_MAX) {
    const kind = (flags & IS_64) !== 0 ? '64-bit' : 'shared'
    throw new ProgramError('unsupported-module', `the program has a ${kind} ${what}, which cannot be held to limits`)
  }
  return { initial: c.u32(), maximum: flags === HAS_MAX ? c.u32() : Infinity }
}
