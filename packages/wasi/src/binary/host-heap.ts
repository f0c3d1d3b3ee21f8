/** Refuses what lives in the host's heap and is bounded by nothing: structs, arrays, and exceptions that are kept. */
import { ProgramError } from '../errors.ts'
import { readEntries, readTables, skipExpression } from './declared.ts'
import { functionTypes } from './function-types.ts'
import { isException } from './instructions.ts'
import { GLOBAL, TAG } from './sections.ts'
import type { Section } from './sections.ts'

/** Values of an exception, in up to 64 bytes each. A stack has room for a hundred thousand exceptions. */
const MOST_VALUES = 16

/**
 * Exceptions themselves may stay, as C++ has them: what a stack can hold of them is bounded by the stack. They may not
 * carry references, which makes chains of them, nor many values, nor lie in tables and globals. Throws
 * `unsupported-module`.
 */
export const assertNothingInHostHeap = (sections: readonly Section[]): void => {
  const types = functionTypes(sections)
  readEntries(sections, TAG, (c) => {
    c.skip(1)
    const type = types[c.u32()]
    if (type?.takesReferences === true) throw kept('carry references')
    if (type !== undefined && type.params > MOST_VALUES) throw kept(`carry more than ${MOST_VALUES} values`)
  })
  if (readTables(sections).some((table) => table.holdsExceptions)) throw kept('lie in a table')
  readEntries(sections, GLOBAL, (c) => {
    if (isException(c)) throw kept('lie in a global')
    c.skip(1)
    skipExpression(c)
  })
}

const kept = (how: string): ProgramError =>
  new ProgramError('unsupported-module', `the program has exceptions that ${how}, which \`memory\` cannot bound`)
