/** Words and texts of CIL. */
import { PolicyError } from '../../policydb/errors.ts'

/** The attribute that what a block needs is put into. */
export const REQUIRE = 'cil_gen_require'

/** A name that would end its word, or its text, could say what it is not. */
export const checkWord = (name: string): string => {
  if (!/[\s()";]/.test(name)) return name
  throw new PolicyError('not-expressible', `\`${name}\` cannot be a name in CIL`)
}

export const quoted = (text: string): string => {
  if (/["\n]/.test(text)) throw new PolicyError('not-expressible', `\`${text}\` cannot be a text in CIL`)
  return `"${text}"`
}

export const joined = (names: readonly string[]): string => `(${names.join(' ')})`

/** Names in the order of their values. */
export const byBit = (items: readonly { name: string; value: number }[]): string[] =>
  [...items].sort((a, b) => a.value - b.value).map(({ name }) => name)

export const ipText = (address: Uint8Array): string => {
  if (address.length === 4) return address.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => (address[2 * i]! * 256 + address[2 * i + 1]!).toString(16))
  return groups.join(':')
}
