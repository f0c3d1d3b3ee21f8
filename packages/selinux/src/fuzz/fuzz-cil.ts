/**
 * CIL: damaged, put together from its grammar, and bombs of every shape. It compiles, or is refused with a CilError; a
 * compiled policy reads back as it was written.
 */
import { compileCil } from '../cil/compile.ts'
import { CilError } from '../cil/errors.ts'
import { policyToCil } from '../module/binary/policy-to-cil.ts'
import { differingLines, normalisePolicy } from '../policydb/normalise.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { PolicyError } from '../policydb/errors.ts'
import { readPolicy } from '../policydb/reader.ts'
import { writePolicy } from '../policydb/writer.ts'
import { cilBomb, cilBombs } from '../testing/cil-bombs.ts'
import { mutateText } from './mutate.ts'
import type { Random } from './random.ts'
import { textOf } from './target.ts'
import type { FuzzTarget } from './target.ts'

const pieces = [
  '(', ')', '((', '))', '"', ';', ' ', '\n', '()', '(block b', '(optional o', '(macro m ((type t))',
  '(call m (user_t))', '(in b', '(typeattributeset domain (not', '(all)', 'self', '(range c0 c5)', '(and', '(or',
  '(xor', 'eq', 'dom', 'l1', 'h2', 't1', 's0', 'c9', 'object_r', '-1', '0x5401', '99999999999', '\0', 'é',
  '(tunable t true)', '(booleanif', '(blockinherit b)', '(userattribute a)', '(deny user_t home_t (file (read)))',
  '(typebounds user_t init_t)', '(neverallow domain self (file (read)))',
]

/** Statements about a few names, so that they meet. */
const statements: readonly ((name: (kind: string) => string, inner: () => string) => string)[] = [
  (name) => `(type ${name('t')})`,
  (name) => `(typeattribute ${name('a')})`,
  (name) => `(typeattributeset ${name('a')} (${name('t')} ${name('a')}))`,
  (name) => `(typeattributeset ${name('a')} (and (all) (not (${name('t')}))))`,
  (name) => `(typealias ${name('t')}) (typealiasactual ${name('t')} ${name('t')})`,
  (name) => `(allow ${name('t')} ${name('a')} (file (read)))`,
  (name) => `(allow ${name('a')} ${name('t')} ${name('p')})`,
  (name) => `(neverallow ${name('a')} ${name('t')} (file (open)))`,
  (name) => `(deny ${name('a')} ${name('t')} (file (read)))`,
  (name) => `(typetransition ${name('t')} ${name('a')} file "${name('f')}" ${name('t')})`,
  (name) => `(typebounds ${name('t')} ${name('t')})`,
  (name) => `(classpermission ${name('p')}) (classpermissionset ${name('p')} (file (write)))`,
  (name) => `(classpermissionset ${name('p')} ${name('p')})`,
  (name) => `(classmap ${name('k')} (e f)) (classmapping ${name('k')} e (file (read)))`,
  (name) => `(allow ${name('t')} self (${name('k')} (e)))`,
  (name) => `(boolean ${name('b')} true)`,
  (name) => `(booleanif (or ${name('b')} ${name('b')}) (true (allow ${name('t')} ${name('t')} (file (open)))))`,
  (name) => `(tunable ${name('b')} false) (tunableif ${name('b')} (true (type ${name('t')})))`,
  (name) => `(call ${name('m')} (${name('t')}))`,
  (name) => `(call ${name('m')} ((file (read))))`,
  (name) => `(blockinherit ${name('B')})`,
  (name) => `(categoryset ${name('c')} (base_c ${name('c')}))`,
  (name) => `(role ${name('r')}) (roletype ${name('r')} ${name('a')})`,
  (name) => `(roleattribute ${name('r')}) (roleattributeset ${name('r')} (${name('r')}))`,
  (name) => `(filecon "/${name('f')}" any (base_u base_r ${name('t')} ((base_s) (base_s))))`,
  (name, inner) => `(optional ${name('o')} ${inner()})`,
  (name, inner) => `(block ${name('B')} ${inner()})`,
  (name, inner) => `(macro ${name('m')} ((type ${name('t')})) ${inner()})`,
  (name, inner) => `(macro ${name('m')} ((classpermission ${name('p')})) ${inner()})`,
  (name, inner) => `(in ${name('B')} ${inner()})`,
]

/** Names with blocks before them now and then. */
const nameIn = (random: Random) => (kind: string): string => {
  const own = `${kind}${random.below(4)}`
  return random.below(12) === 0 && kind !== 'f' ? `${random.pick(['', 'B0', 'B1.B2'])}.${own}` : own
}

const grammar = (random: Random, left: number, depth = 0): string => {
  const parts: string[] = []
  for (let i = random.below(left) + 1; i > 0; i--) {
    parts.push(random.pick(statements)(nameIn(random), () => depth > 6 ? '' : grammar(random, 5, depth + 1)))
  }
  return parts.join('\n')
}

/** Most are small, and a few are as large as what people compile. */
const size = (random: Random): number => Math.floor(2 ** (random.below(1000) / 1000 * 13))

const MOST_TEXT = 1 << 21

/** A policy of half a million rules says nothing that a small one does not. */
const MOST_RULES = 2000

/** A binary policy as CIL compiles to the same policy, where CIL can say it. */
const checkRoundTrip = (policy: Policydb): void => {
  if (policy.avtab.length > MOST_RULES || policy.types.nprim > MOST_RULES) return
  const lines = normalisePolicy(policy)
  const text = cilOf(policy)
  if (text === null) return
  const again = compileCil([{ name: 'again.cil', text }], {
    version: 34, dialect: '3.10', multipleDeclarations: true, disableNeverallow: true,
  })
  const { onlyA, onlyB } = differingLines(lines, normalisePolicy(again.policy))
  if (onlyA.length + onlyB.length > 0) throw new Error(`another policy as CIL: ${[...onlyA, ...onlyB][0]}`)
}

const cilOf = (policy: Policydb): string | null => {
  try {
    return policyToCil(policy)
  } catch (error) {
    if (error instanceof PolicyError && error.code === 'not-expressible') return null
    throw error
  }
}

export const cilTarget = (source: string): FuzzTarget => ({
  make(random) {
    if (random.below(64) === 0) return cilBomb(random.pick(cilBombs), size(random)).slice(0, MOST_TEXT)
    switch (random.below(3)) {
      case 0: return mutateText(source, pieces, random)
      case 1: return cilBomb('types', 1) + grammar(random, 40)
      default: return mutateText(cilBomb(random.pick(cilBombs), 1 + random.below(12)), pieces, random)
    }
  },
  attempt(input) {
    const sources = [{ name: 'fuzzed.cil', text: textOf(input) }]
    try {
      const options = { version: 34, dialect: '3.10' } as const
      const { policy, warnings } = compileCil(sources, { ...options, multipleDeclarations: input.length % 2 === 0 })
      if (warnings.some(({ place }) => place.excerpt.length > 200)) throw new Error('a place keeps a whole line')
      const bytes = writePolicy(policy)
      checkRoundTrip(readPolicy(bytes))
      if (Buffer.compare(writePolicy(readPolicy(bytes)), bytes) !== 0) throw new Error('written otherwise than it was')
      return true
    } catch (error) {
      if (error instanceof CilError) {
        if (error.toString() === '') throw new Error('an error without a text', { cause: error })
        return false
      }
      // secilc too writes ranges and keys upside down, which libsepol then refuses to read.
      if (error instanceof PolicyError && error.code === 'bad-value') return false
      throw error
    }
  },
})
