/** Caps what a module's memory can grow to, by rewriting its declared maximum: memory.grow then answers -1. */
import { ProgramError } from '../errors.ts'
import { Cursor, leb } from './leb128.ts'
import { findSection, joinSections, MEMORY, replaceSection, splitSections } from './sections.ts'

const HAS_MAX = 0x01
const IS_64 = 0x04

/**
 * `pages` of 64 KiB, of the one memory a module has. One that asks for more to begin with is refused (`memory-limit`);
 * one with a lower maximum of its own keeps it. A module without a memory comes back as it is.
 */
export const limitMemory = (bytes: Uint8Array<ArrayBuffer>, pages: number): Uint8Array<ArrayBuffer> => {
  const sections = splitSections(bytes)
  const memory = findSection(sections, MEMORY)
  if (memory === undefined) return bytes
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
  return joinSections(replaceSection(sections, { id: MEMORY, body: Uint8Array.from(body) }))
}
