/** Caps what the tables of a module can grow to, all together, as `limitSpace` does with its memory. */
import { ProgramError } from '../errors.ts'
import { readTables } from './declared.ts'
import { countElements } from './elements.ts'
import { leb } from './leb128.ts'
import { replaceSection, TABLE } from './sections.ts'
import type { Section } from './sections.ts'

/** What V8 takes for an entry of functions (the largest): 39 bytes measured. A table by itself costs a few of them. */
const ENTRY_BYTES = 40
const ENTRIES_OF_A_TABLE = 16
/** Tables lie in the host's heap, whose end ends the process: never more than this (40 MiB), whatever the limit is. */
const MOST_ENTRIES = 2 ** 20

const HAS_MAX = 0x01

/**
 * `bytes` for all tables together, and as much again for what is put into them: the segments of elements. A module
 * whose first entries are more is refused (`memory-limit`). The rest is shared out among the tables in equal parts; if
 * one needs less, its remainder goes to the next.
 */
export const limitTables = (sections: readonly Section[], bytes: number): Section[] => {
  const tables = readTables(sections)
  const allowed = Math.min(Math.floor(bytes / ENTRY_BYTES), MOST_ENTRIES)
  const needed = tables.reduce((sum, { initial }) => sum + initial + ENTRIES_OF_A_TABLE, 0)
  if (needed > allowed && tables.length > 0)
    throw new ProgramError(
      'memory-limit',
      `the tables of the program start with ${needed * ENTRY_BYTES} bytes, ${allowed * ENTRY_BYTES} are allowed`,
    )
  if (countElements(sections, allowed) > allowed)
    throw new ProgramError('memory-limit', `the program has more elements of tables than ${allowed}, which are allowed`)
  let left = allowed - needed
  const limited = tables.map(({ type, initial, maximum, rest }, i) => {
    const growth = Math.min(maximum - initial, Math.floor(left / (tables.length - i)))
    left -= growth
    return [...type, HAS_MAX, ...leb(initial), ...leb(initial + growth), ...rest]
  })
  return replaceSection(sections, { id: TABLE, body: Uint8Array.from([...leb(tables.length), ...limited.flat()]) })
}
