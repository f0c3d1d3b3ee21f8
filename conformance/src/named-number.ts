/** Numbers as recorded sessions write them. */
import * as abi from '@lsmkit/abi'

const CONSTANTS = new Map<string, unknown>([...Object.entries(abi), ['RLIM_INFINITY', Infinity]])

const term = (text: string): number => {
  if (/^0x/i.test(text)) return Number.parseInt(text, 16)
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8)
  if (/^-?\d+$/.test(text)) return Number(text)
  const value = CONSTANTS.get(text)
  if (typeof value !== 'number') throw new Error(`no constant \`${text}\``)
  return value
}

/** A decimal, octal or hexadecimal number, or C names and numbers with `|` between them. */
export const namedNumber = (text: string): number =>
  text.split('|').reduce((sum, part) => (sum === 0 ? term(part) : sum | term(part)), 0)
