/**
 * Damaged CIL: it compiles, or is refused with a CilError; what compiles is a policy that reads back as it was
 * written.
 */
import { compileCil } from '../../cil/compile.ts'
import { CilError } from '../../cil/errors.ts'
import { PolicyError } from '../../policydb/errors.ts'
import { readPolicy } from '../../policydb/reader.ts'
import { writePolicy } from '../../policydb/writer.ts'
import type { Attempt } from './fuzz-server.ts'
import { mutateText } from './mutate.ts'

const pieces = [
  '(', ')', '((', '))', '"', ';', ' ', '\n', '()', '(block b', '(optional o', '(macro m ((type t))',
  '(call m (user_t))', '(in b', '(typeattributeset domain (not', '(all)', 'self', '(range c0 c5)', '(and', '(or',
  '(xor', 'eq', 'dom', 'l1', 'h2', 't1', 's0', 'c9', 'object_r', '-1', '0x5401', '99999999999', '\0', 'é',
  '(tunable t true)', '(booleanif', '(blockinherit b)', '(userattribute a)', '(deny user_t home_t (file (read)))',
  '(typebounds user_t init_t)', '(neverallow domain self (file (read)))',
]

export const cilAttempt = (source: string): Attempt => (random) => {
  const text = mutateText(source, pieces, random)
  try {
    const { policy } = compileCil(
      [{ name: 'damaged.cil', text }], { version: 34, multipleDeclarations: random.below(2) === 0 },
    )
    const bytes = writePolicy(policy)
    if (Buffer.compare(writePolicy(readPolicy(bytes)), bytes) !== 0) throw new Error('is written otherwise than it was')
    return true
  } catch (error) {
    if (error instanceof CilError) return false
    // secilc too writes ranges and keys upside down, which libsepol then refuses to read.
    if (error instanceof PolicyError && error.code === 'bad-value') return false
    throw error
  }
}
