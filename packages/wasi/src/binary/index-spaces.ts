/** How many types, functions, tables, memories and globals a module has: where an index of something added begins. */
import { readImports } from './imports.ts'
import { entryCount, FUNCTION, GLOBAL, MEMORY, TABLE, TYPE } from './sections.ts'
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
  const imported = readImports(sections)
  return {
    types: entryCount(sections, TYPE),
    functions: imported.functions.length + entryCount(sections, FUNCTION),
    tables: imported.tables + entryCount(sections, TABLE),
    memories: imported.memories + entryCount(sections, MEMORY),
    globals: imported.globals + entryCount(sections, GLOBAL),
  }
}
