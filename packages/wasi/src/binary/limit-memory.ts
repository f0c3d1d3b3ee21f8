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
 * `pages` of 64 KiB for the one memory a module has, and as much again for its tables. One that asks for more to begin
 * with is refused (`memory-limit`); one with a lower maximum of its own keeps it. What nothing can bound is refused.
 */
export const limitMemory = (bytes: Uint8Array<ArrayBuffer>, pages: number): Uint8Array<ArrayBuffer> => {
  const sections = splitSections(bytes)
  assertNothingInHostHeap(sections)
  return joinSections(limitTables(limitPages(sections, Math.floor(Math.min(pages, MOST_PAGES))), pages * PAGE_BYTES))
}

const limitPages = (sections: readonly Section[], pages: number): Section[] => {
  const memories = readMemories(sections)
  if (memories.length > 1) throw new ProgramError('unsupported-module', 'the program has more than one memory')
  const limited = memories.map(({ initial, maximum }) => {
    if (initial > pages)
      throw new ProgramError('memory-limit', `the program starts with ${initial} pages, ${pages} are allowed`)
    return [HAS_MAX, ...leb(initial), ...leb(Math.min(maximum, pages))]
  })
  return replaceSection(sections, { id: MEMORY, body: Uint8Array.from([...leb(memories.length), ...limited.flat()]) })
}
