/** Refuses what lives in the host's heap and is bounded by nothing: structs, arrays, and exceptions that are kept. */
import { ProgramError } from '../errors.ts'
import { functionTypes } from './function-types.ts'
import { isException, skipInstruction } from './instructions.ts'
import { Cursor } from './leb128.ts'
import { findSection, GLOBAL, TABLE, TAG } from './sections.ts'
import type { Section } from './sections.ts'

const END = 0x0b

/**
 * Exceptions themselves may stay, as C++ has them: what a stack can hold of them is bounded by the stack. They may not
 * carry references, which makes chains of them, nor lie in tables and globals. Throws `unsupported-module`.
 */
export const assertNothingInHostHeap = (sections: readonly Section[]): void => {
  const types = functionTypes(sections)
  each(sections, TAG, (c) => {
    c.skip(1)
    if (types[c.u32()]?.takesReferences === true) throw kept('carry references')
  })
  each(sections, TABLE, (c) => {
    const hasExpression = c.bytes[c.at] === 0x40
    if (hasExpression) c.skip(2)
    if (isException(c)) throw kept('lie in a table')
    if ((c.byte() & 1) !== 0) c.skipInt(64)
    c.skipInt(64)
    if (hasExpression) skipExpression(c)
  })
  each(sections, GLOBAL, (c) => {
    if (isException(c)) throw kept('lie in a global')
    c.skip(1)
    skipExpression(c)
  })
}

const each = (sections: readonly Section[], id: number, visit: (c: Cursor) => void): void => {
  const section = findSection(sections, id)
  if (section === undefined) return
  const cursor = new Cursor(section.body)
  for (let left = cursor.u32(); left > 0; left--) visit(cursor)
}

const skipExpression = (c: Cursor): void => {
  while (skipInstruction(c) !== END);
}

const kept = (how: string): ProgramError =>
  new ProgramError('unsupported-module', `the program has exceptions that ${how}, which \`memory\` cannot bound`)
