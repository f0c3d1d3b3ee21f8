/** Where statements may stand: what blocks, macros, optionals, booleanifs, tunableifs and ins do not take. */
import { W } from '../keywords.ts'
import type { StatementWord } from '../keywords.ts'

/** The places a statement is inside of, one bit each; a statement is inside of all that lie around it. */
export const IN_BLOCK = 1
export const IN_MACRO = 2
export const IN_OPTIONAL = 4
export const IN_BOOLEANIF = 8
export const IN_TUNABLEIF = 16
export const IN_IN = 32
export const IN_IN_AFTER = 64

const placeNames: readonly (readonly [number, string])[] = [
  [IN_BLOCK, 'a block'], [IN_MACRO, 'a macro'], [IN_OPTIONAL, 'an optional'], [IN_BOOLEANIF, 'a booleanif'],
  [IN_TUNABLEIF, 'a tunableif'], [IN_IN, 'an in'], [IN_IN_AFTER, 'an in that comes after inheritance'],
]

const refused: readonly (readonly [number, readonly StatementWord[]])[] = [
  [IN_BLOCK, ['category', 'sensitivity']],
  [IN_MACRO, ['tunable', 'in', 'block', 'blockinherit', 'blockabstract', 'macro']],
  [IN_OPTIONAL, ['tunable', 'in', 'block', 'blockabstract', 'macro']],
  [IN_TUNABLEIF, ['tunable', 'in']],
  [IN_IN, ['tunable', 'in']],
  [IN_IN_AFTER, ['blockinherit', 'blockabstract']],
]

/** All that a booleanif takes: what the kernel can switch, and what becomes that. */
const switchable: readonly StatementWord[] = [
  'tunableif', 'call', 'allow', 'auditallow', 'dontaudit', 'allowx', 'auditallowx', 'dontauditx', 'typetransition',
  'typechange', 'typemember',
]

const switchableWords = new Set(switchable.map((word) => W[word]))
const refusedIn: number[] = []
for (const [place, words] of refused) for (const word of words) refusedIn[W[word]] = (refusedIn[W[word]] ?? 0) | place

/** The name of a place around it that does not take this statement, null when all do. */
export const misplaced = (keyword: number, places: number): string | null => {
  const clash = ((refusedIn[keyword] ?? 0) & places) |
    ((places & IN_BOOLEANIF) !== 0 && !switchableWords.has(keyword) ? IN_BOOLEANIF : 0)
  return placeNames.find(([bit]) => (clash & bit) !== 0)?.[1] ?? null
}
