/** Whether all that a component imports is there, found before anything has happened. */
import type { ComponentProgram } from '../component-program.ts'
import { ProgramError } from '../errors.ts'
import type { GivenImports } from '../given-imports.ts'
import { givenBy } from './given.ts'
import { interfaceOf } from './host/table.ts'
import { notThere } from './link.ts'
import type { Part } from './parts.ts'
import { interface3Of } from './wasi3/table.ts'

/** An interface of WASI that the kernel answers. */
const isOurs = (name: string): boolean => interfaceOf(name) !== null || interface3Of(name) !== null

/** Throws `unknown-import` for what is neither of WASI 0.2 nor given, and for what is both. */
export const assertImports = ({ parts }: ComponentProgram, given: GivenImports): void => {
  const ours = Object.keys(given).find(isOurs)
  if (ours !== undefined)
    throw new ProgramError(
      'unknown-import', `\`${ours}\` is given, and the kernel answers it`, 'leave it out of `imports`')
  const giver = givenBy(given)
  const imports = parts.filter((part): part is Extract<Part, { kind: 'import' }> => part.kind === 'import')
  for (const { name, sort } of imports) {
    const isOfWasi = sort === 'instance' && isOurs(name)
    if (sort !== 'type' && !isOfWasi && giver(name) === null) throw notThere(name)
  }
}
