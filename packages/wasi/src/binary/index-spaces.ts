/** How many types, functions, tables and globals a module has: where an index of something added begins. */
import { ProgramError } from '../errors.ts'
import { skipValueType } from './instructions.ts'
import { Cursor } from './leb128.ts'
import { entryCount, findSection, FUNCTION, GLOBAL, IMPORT, TABLE, TYPE } from './sections.ts'
import type { Section } from './sections.ts'

export interface IndexSpaces {
  readonly types: number
  readonly functions: number
  readonly tables: number
  readonly globals: number
}

/** Imports count first, then what the module has itself. */
export const indexSpaces = (sections: readonly Section[]): IndexSpaces => {
  const imported = countImports(sections)
  return {
    types: countFunctionTypes(sections),
    functions: imported.functions + entryCount(sections, FUNCTION),
    tables: imported.tables + entryCount(sections, TABLE),
    globals: imported.globals + entryCount(sections, GLOBAL),
  }
}

/** The number of types, when all are functions. Structs and arrays live in the host's heap: `unsupported-module`. */
export const countFunctionTypes = (sections: readonly Section[]): number => {
  const section = findSection(sections, TYPE)
  if (section === undefined) return 0
  const cursor = new Cursor(section.body)
  const count = cursor.u32()
  for (let left = count; left > 0; left--) {
    if (cursor.byte() !== 0x60)
      throw new ProgramError(
        'unsupported-module',
        'the program has garbage-collected types (structs, arrays), which `memory` and `loops` cannot bound',
        'compile it for linear memory',
      )
    for (let params = cursor.u32(); params > 0; params--) skipValueType(cursor)
    for (let results = cursor.u32(); results > 0; results--) skipValueType(cursor)
  }
  return count
}

const countImports = (sections: readonly Section[]): Omit<IndexSpaces, 'types'> => {
  const count = { functions: 0, tables: 0, globals: 0 }
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
      const hasMax = (cursor.byte() & 1) !== 0
      cursor.skipInt(64)
      if (hasMax) cursor.skipInt(64)
    }
  }
  return count
}
