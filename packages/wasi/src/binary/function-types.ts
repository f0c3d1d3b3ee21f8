/** The types of a module, when all of them are functions. */
import { ProgramError } from '../errors.ts'
import { readEntries } from './declared.ts'
import { isReference, skipValueType } from './instructions.ts'
import { TYPE } from './sections.ts'
import type { Section } from './sections.ts'

const FUNCTION_TYPE = 0x60

export interface FunctionType {
  /** How many. */
  readonly params: number
  readonly results: number
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
    const params = c.u32()
    for (let left = params; left > 0; left--) takesReferences = isReference(c) || takesReferences
    const results = c.u32()
    for (let left = results; left > 0; left--) skipValueType(c)
    return { params, results, takesReferences }
  })
