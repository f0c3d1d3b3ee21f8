/** Caps what a program can hold of the host's memory, by rewriting the maxima it declares: growing then answers -1. */
import { ProgramError } from '../errors.ts'
import { readMemories } from './declared.ts'
import { assertNothingInHostHeap } from './host-heap.ts'
import { leb } from './leb128.ts'
import { limitTables } from './limit-tables.ts'
import { joinSections, MEMORY, replaceSection, splitSections } from './sections.ts'
import type { Section } from './sections.ts'

const PAGE_BYTES = 65536
/** What an address of 32 bits reaches. */
const MOST_PAGES = 65536

const HAS_MAX = 0x01

/**
 * Bytes for the one memory that a module has, and for all its tables. One that asks for more to begin with is refused
 * (`memory-limit`); one with a lower maximum of its own keeps it. Tables and memories that nothing can bound are
 * refused.
 */
export const limitSpace = (
  bytes: Uint8Array<ArrayBuffer>, memory: number, tables: number,
): Uint8Array<ArrayBuffer> => {
  const sections = splitSections(bytes)
  assertNothingInHostHeap(sections)
  const limited = memory === Infinity
    ? sections
    : limitPages(sections, Math.floor(Math.min(memory / PAGE_BYTES, MOST_PAGES)))
  return joinSections(limitTables(limited, tables))
}

const limitPages = (sections: readonly Section[], pages: number): Section[] => {
  const memories = readMemories(sections)
  if (memories.length > 1) throw new ProgramError('unsupported-module', 'the program has more than one memory')
  const limited = memories.map(({ initial, maximum }) => {
    if (initial > pages)
      throw new ProgramError(
        'memory-limit',
        `the memory of the program starts with ${initial * PAGE_BYTES} bytes, ${pages * PAGE_BYTES} are allowed`,
      )
    return [HAS_MAX, ...leb(initial), ...leb(Math.min(maximum, pages))]
  })
  return replaceSection(sections, { id: MEMORY, body: Uint8Array.from([...leb(memories.length), ...limited.flat()]) })
}
