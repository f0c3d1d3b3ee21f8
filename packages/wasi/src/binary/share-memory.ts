/**
 * Memory that another thread sees as well: what a program has that runs in a worker, while the kernel stays where it
 * is. Loads and stores mean the same in a shared memory.
 */
import { joinedBytes } from '@lsmkit/abi'
import { ProgramError } from '../errors.ts'
import { readMemories } from './declared.ts'
import type { Extent } from './declared.ts'
import { skipValueType } from './instructions.ts'
import { Cursor, leb } from './leb128.ts'
import { findSection, IMPORT, joinSections, MEMORY, replaceSection, splitSections } from './sections.ts'
import type { Section } from './sections.ts'

/** What an address of 32 bits reaches; a shared memory has to say how large it can be. */
const MOST_PAGES = 65536
const HAS_MAX = 1
const SHARED = 2

const sharedExtent = ({ initial, maximum }: Extent): readonly number[] =>
  [HAS_MAX | SHARED, ...leb(initial), ...leb(Math.min(maximum, MOST_PAGES))]

/** The memory that the module has become shared; `all`: as many as it has, and those that it imports. */
export const shareMemory = (bytes: Uint8Array<ArrayBuffer>, all: boolean): Uint8Array<ArrayBuffer> => {
  const sections = splitSections(bytes)
  const memories = readMemories(sections)
  if (memories.length > 1 && !all)
    throw new ProgramError('unsupported-module', 'the program has more than one memory')
  const body = Uint8Array.from([...leb(memories.length), ...memories.flatMap(sharedExtent)])
  const own = replaceSection(sections, { id: MEMORY, body })
  return joinSections(all ? shareImported(own) : own)
}

const shareImported = (sections: readonly Section[]): readonly Section[] => {
  const section = findSection(sections, IMPORT)
  if (section === undefined) return sections
  const pieces: ArrayLike<number>[] = []
  let done = 0
  for (const { at, end, flags, extent } of importedMemories(section)) {
    if (flags > HAS_MAX) continue
    pieces.push(section.body.subarray(done, at), sharedExtent(extent))
    done = end
  }
  pieces.push(section.body.subarray(done))
  return replaceSection(sections, { id: IMPORT, body: joinedBytes(pieces.map((piece) => Uint8Array.from(piece))) })
}

interface ImportedMemory {
  /** Where its limits lie in the section. */
  readonly at: number
  readonly end: number
  readonly flags: number
  readonly extent: Extent
}

function* importedMemories({ body }: Section): Generator<ImportedMemory, void, void> {
  const c = new Cursor(body)
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
      const at = c.at
      const flags = c.byte()
      if (kind === 2 && flags <= (HAS_MAX | SHARED)) {
        const extent = { initial: c.u32(), maximum: (flags & HAS_MAX) === 0 ? Infinity : c.u32() }
        yield { at, end: c.at, flags, extent }
      } else {
        c.skipInt(64)
        if ((flags & HAS_MAX) !== 0) c.skipInt(64)
      }
    }
  }
}

/** The shared memory that a module imports, as one with threads does (wasi-threads); null for none. */
export const importedSharedMemory = (bytes: Uint8Array<ArrayBuffer>): Extent | null => {
  const section = findSection(splitSections(bytes), IMPORT)
  if (section === undefined) return null
  for (const { flags, extent } of importedMemories(section)) if (flags === (HAS_MAX | SHARED)) return extent
  return null
}
