/** The types of a module, when all of them are functions. */
import { ProgramError } from '../errors.ts'
import { isReference, skipValueType } from './instructions.ts'
import { Cursor } from './leb128.ts'
import { findSection, TYPE } from './sections.ts'
import type { Section } from './sections.ts'

const FUNCTION_TYPE = 0x60

export interface FunctionType {
  /** Whether a parameter is a reference. */
  readonly takesReferences: boolean
}

/** In the order of their indices. A struct, an array or a group of types is `unsupported-module`. */
export const functionTypes = (sections: readonly Section[]): FunctionType[] => {
  const section = findSection(sections, TYPE)
  if (section === undefined) return []
  const cursor = new Cursor(section.body)
  const types: FunctionType[] = []
  for (let left = cursor.u32(); left > 0; left--) {
    if (cursor.byte() !== FUNCTION_TYPE)
      throw new ProgramError(
        'unsupported-module',
        'the program has garbage-collected types (structs, arrays), which `memory` and `loops` cannot bound',
        'compile it for linear memory',
      )
    let takesReferences = false
    for (let params = cursor.u32(); params > 0; params--) takesReferences = isReference(cursor) || takesReferences
    for (let results = cursor.u32(); results > 0; results--) skipValueType(cursor)
    types.push({ takesReferences })
  }
  return types
}
