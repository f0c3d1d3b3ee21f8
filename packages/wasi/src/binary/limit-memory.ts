/** Caps what a program can hold of the host's memory, by rewriting the maxima it declares: growing then answers -1. */
import { ProgramError } from '../errors.ts'
import { assertNothingInHostHeap } from './host-heap.ts'
import { Cursor, leb } from './leb128.ts'
import { limitTables } from './limit-tables.ts'
import { findSection, joinSections, MEMORY, replaceSection, splitSections } from './sections.ts'
import type { Section } from './sections.ts'

const PAGE_BYTES = 65536
/** What an address of 32 bits reaches. */
const MOST_PAGES = 65536

const HAS_MAX = 0x01
const IS_64 = 0x04

/**
 * `pages` of 64 KiB for the one memory a module has, and as much again for its tables. One that asks for more to begin
 * with is refused (`memory-limit`); one with a lower maximum of its own keeps it. What nothing can bound is refused.
 */
export const limitMemory = (bytes: Uint8Array<ArrayBuffer>, pages: number): Uint8Array<ArrayBuffer> => {
  const sections = splitSections(bytes)
  assertNothingInHostHeap(sections)
  return joinSections(limitTables(limitPages(sections, Math.floor(Math.min(pages, MOST_PAGES))), pages * PAGE_BYTES))
}

const limitPages = (sections: readonly Section[], pages: number): readonly Section[] => {
  const memory = findSection(sections, MEMORY)
  if (memory === undefined) return sections
  const cursor = new Cursor(memory.body)
  const count = cursor.u32()
  if (count > 1) throw new ProgramError('unsupported-module', 'the program has more than one memory')
  const body = [...leb(count)]
  while (!cursor.done) {
    const flags = cursor.byte()
    if ((flags & IS_64) !== 0) throw new ProgramError('unsupported-module', 'the program has a 64-bit memory')
    const initial = cursor.u32()
    const maximum = (flags & HAS_MAX) !== 0 ? cursor.u32() : Infinity
    if (initial > pages)
      throw new ProgramError('memory-limit', `the program starts with ${initial} pages, ${pages} are allowed`)
    body.push(flags | HAS_MAX, ...leb(initial), ...leb(Math.min(maximum, pages)))
  }
  return replaceSection(sections, { id: MEMORY, body: Uint8Array.from(body) })
}
