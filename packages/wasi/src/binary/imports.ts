/** The imports of a module: the types of functions and exceptions, and how many of the rest. */
import { skipValueType } from './instructions.ts'
import { Cursor } from './leb128.ts'
import { findSection, IMPORT } from './sections.ts'
import type { Section } from './sections.ts'

export interface Imports {
  /** Indices of their types. */
  readonly functions: readonly number[]
  readonly tags: readonly number[]
  readonly tables: number
  readonly memories: number
  readonly globals: number
}

export const readImports = (sections: readonly Section[]): Imports => {
  const found = { functions: [] as number[], tags: [] as number[], tables: 0, memories: 0, globals: 0 }
  const section = findSection(sections, IMPORT)
  if (section === undefined) return found
  const cursor = new Cursor(section.body)
  for (let left = cursor.u32(); left > 0; left--) {
    cursor.skip(cursor.u32())
    cursor.skip(cursor.u32())
    const kind = cursor.byte()
    if (kind === 0) found.functions.push(cursor.u32())
    else if (kind === 3) {
      skipValueType(cursor)
      cursor.skip(1)
      found.globals++
    } else if (kind === 4) {
      cursor.skip(1)
      found.tags.push(cursor.u32())
    } else {
      if (kind === 1) {
        skipValueType(cursor)
        found.tables++
      }
      if (kind === 2) found.memories++
      const hasMax = (cursor.byte() & 1) !== 0
      cursor.skipInt(64)
      if (hasMax) cursor.skipInt(64)
    }
  }
  return found
}
