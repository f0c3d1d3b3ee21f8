/**
 * Memory that another thread sees as well: what a program has that runs in a worker, while the kernel stays where it
 * is. Loads and stores mean the same in a shared memory.
 */
import { ProgramError } from '../errors.ts'
import { readMemories } from './declared.ts'
import type { Extent } from './declared.ts'
import { skipValueType } from './instructions.ts'
import { Cursor, leb } from './leb128.ts'
import { findSection, IMPORT, joinSections, MEMORY, replaceSection, splitSections } from './sections.ts'

/** What an address of 32 bits reaches; a shared memory has to say how large it can be. */
const MOST_PAGES = 65536
const HAS_MAX = 1
const SHARED = 2

/** The memories that the module has become shared. */
export const shareMemory = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  const sections = splitSections(bytes)
  const memories = readMemories(sections)
  if (memories.length > 1) throw new ProgramError('unsupported-module', 'the program has more than one memory')
  const shared = memories.map(({ initial, maximum }) =>
    [HAS_MAX | SHARED, ...leb(initial), ...leb(Math.min(maximum, MOST_PAGES))])
  const body = Uint8Array.from([...leb(shared.length), ...shared.flat()])
  return joinSections(replaceSection(sections, { id: MEMORY, body }))
}

/** The shared memory that a module imports, as one with threads does (wasi-threads); null for none. */
export const importedSharedMemory = (bytes: Uint8Array<ArrayBuffer>): Extent | null => {
  const section = findSection(splitSections(bytes), IMPORT)
  if (section === undefined) return null
  const c = new Cursor(section.body)
  for (let left = c.u32(); left > 0; left--) {
    c.skip(c.u32())
    c.skip(c.u32())
    const kind = c.byte()
    if (kind === 0) c.skipInt(32)
    else if (kind === 3) {
      skipValueType(c)
      c.skip(1)
    } else if (kind === 4) {
      c.skip(1)
      c.skipInt(32)
    } else {
      if (kind === 1) skipValueType(c)
      const flags = c.byte()
      if (kind === 2 && flags === (HAS_MAX | SHARED)) return { initial: c.u32(), maximum: c.u32() }
      c.skipInt(64)
      if ((flags & HAS_MAX) !== 0) c.skipInt(64)
    }
  }
  return null
}
