/** Caps what the tables of a module can grow to, all together, as `limitMemory` does with its memory. */
import { ProgramError } from '../errors.ts'
import { skipInstruction, skipValueType } from './instructions.ts'
import { Cursor, leb } from './leb128.ts'
import { findSection, replaceSection, TABLE } from './sections.ts'
import type { Section } from './sections.ts'

/** What V8 takes for an entry of functions (the largest): 39 bytes measured. A table by itself costs a few of them. */
const ENTRY_BYTES = 40
const ENTRIES_OF_A_TABLE = 16
/** Tables lie in the host's heap, whose end ends the process: never more than this (40 MiB), whatever the limit is. */
const MOST_ENTRIES = 1 << 20

const HAS_MAX = 0x01
const IS_64 = 0x04
const END = 0x0b

interface Table {
  /** What stands before the limits: the type of the entries. */
  readonly type: Uint8Array
  readonly initial: number
  readonly maximum: number
  /** What stands behind: an expression for the first entries, or nothing. */
  readonly rest: Uint8Array
}

/**
 * `bytes` for all tables together. One whose first entries are more is refused (`memory-limit`); what is left is
 * shared out among those that may grow, in equal parts, and what one does not need goes to the next.
 */
export const limitTables = (sections: readonly Section[], bytes: number): Section[] => {
  const section = findSection(sections, TABLE)
  if (section === undefined) return [...sections]
  const tables = readTables(section.body)
  const allowed = Math.min(Math.floor(bytes / ENTRY_BYTES), MOST_ENTRIES)
  const needed = tables.reduce((sum, { initial }) => sum + initial + ENTRIES_OF_A_TABLE, 0)
  if (needed > allowed)
    throw new ProgramError(
      'memory-limit',
      `the program's ${tables.length} tables start with ${needed * ENTRY_BYTES} bytes, `
        + `${allowed * ENTRY_BYTES} are allowed`,
    )
  let left = allowed - needed
  const limited = tables.map((table, i) => {
    const growth = Math.min(table.maximum - table.initial, Math.floor(left / (tables.length - i)))
    left -= growth
    return [...table.type, HAS_MAX, ...leb(table.initial), ...leb(table.initial + growth), ...table.rest]
  })
  return replaceSection(sections, { id: TABLE, body: Uint8Array.from([...leb(tables.length), ...limited.flat()]) })
}

const readTables = (body: Uint8Array): Table[] => {
  const cursor = new Cursor(body)
  const tables: Table[] = []
  for (let left = cursor.u32(); left > 0; left--) tables.push(readTable(cursor))
  return tables
}

const readTable = (cursor: Cursor): Table => {
  const start = cursor.at
  const hasExpression = cursor.bytes[start] === 0x40
  if (hasExpression) cursor.skip(2)
  skipValueType(cursor)
  const type = cursor.bytes.subarray(start, cursor.at)
  const flags = cursor.byte()
  if ((flags & IS_64) !== 0) throw new ProgramError('unsupported-module', 'the program has a 64-bit table')
  if (flags > HAS_MAX) throw new ProgramError('unsupported-module', 'the program has a shared table')
  const initial = cursor.u32()
  const maximum = flags === HAS_MAX ? cursor.u32() : Infinity
  const behind = cursor.at
  if (hasExpression) while (skipInstruction(cursor) !== END);
  return { type, initial, maximum, rest: cursor.bytes.subarray(behind, cursor.at) }
}
