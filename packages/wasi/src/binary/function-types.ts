/** The types of a module, when all of them are functions. */
import { ProgramError } from '../errors.ts'
import { readEntries } from './declared.ts'
import { isReference, skipValueType } from './instructions.ts'
import { TYPE } from './sections.ts'
import type { Section } from './sections.ts'

const FUNCTION_TYPE = 0x60

export interface FunctionType {
  /** Whether a parameter is a reference. */
  readonly takesReferences: boolean
}

/** In the order of their indices. A struct, an array or a group of types is `unsupported-module`. */
export const functionTypes = (sections: readonly Section[]): FunctionType[] =>
  readEntries(sections, TYPE, (c) => {
    if (c.byte() !== FUNCTION_TYPE)
      throw new ProgramError(
        'unsupported-module',
        'the program has garbage-collected types (structs, arrays), which `memory` and `loops` cannot bound',
        'compile it for linear memory',
      )
    let takesReferences = false
    for (let params = c.u32(); params > 0; params--) takesReferences = isReference(c) || takesReferences
    for (let results = c.u32(); results > 0; results--) skipValueType(c)
    return { takesReferences }
  })
