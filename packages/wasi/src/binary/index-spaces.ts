/** How many types, functions, tables, memories and globals a module has: where an index of something added begins. */
import { functionTypes } from './function-types.ts'
import { skipValueType } from './instructions.ts'
import { Cursor } from './leb128.ts'
import { entryCount, findSection, FUNCTION, GLOBAL, IMPORT, MEMORY, TABLE } from './sections.ts'
import type { Section } from './sections.ts'

export interface IndexSpaces {
  readonly types: number
  readonly functions: number
  readonly tables: number
  readonly memories: number
  readonly globals: number
}

/** Imports count first, then what the module has itself. */
export const indexSpaces = (sections: readonly Section[]): IndexSpaces => {
  const imported = countImports(sections)
  return {
    types: functionTypes(sections).length,
    functions: imported.functions + entryCount(sections, FUNCTION),
    tables: imported.tables + entryCount(sections, TABLE),
    memories: imported.memories + entryCount(sections, MEMORY),
    globals: imported.globals + entryCount(sections, GLOBAL),
  }
}

const countImports = (sections: readonly Section[]): Omit<IndexSpaces, 'types'> => {
  const count = { functions: 0, tables: 0, memories: 0, globals: 0 }
  const section = findSection(sections, IMPORT)
  if (section === undefined) return count
  const cursor = new Cursor(section.body)
  for (let left = cursor.u32(); left > 0; left--) {
    cursor.skip(cursor.u32())
    cursor.skip(cursor.u32())
    const kind = cursor.byte()
    if (kind === 0) {
      cursor.skipInt(32)
      count.functions++
    } else if (kind === 3) {
      skipValueType(cursor)
      cursor.skip(1)
      count.globals++
    } else if (kind === 4) {
      cursor.skip(1)
      cursor.skipInt(32)
    } else {
      if (kind === 1) {
        skipValueType(cursor)
        count.tables++
      }
      if (kind === 2) count.memories++
      const hasMax = (cursor.byte() & 1) !== 0
      cursor.skipInt(64)
      if (hasMax) cursor.skipInt(64)
    }
  }
  return count
}
