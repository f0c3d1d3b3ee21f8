/** Looks names up by number and numbers by name, from a module of constants: no list of names is written twice. */

export interface NameTable {
  /** The name, or undefined for a number the table does not have. */
  nameOf(value: number): string | undefined
  /** The number; aliases are known too. */
  numberOf(name: string): number | undefined
  /** Every name but the aliases, by rising number. */
  entries(): readonly (readonly [name: string, value: number])[]
}

/**
 * The numeric constants of `module` whose names match `pattern`. An alias shares its number with another constant:
 * it can be looked up, but is never the answer. Built at the first look-up.
 */
export const nameTable = (
  module: Readonly<Record<string, unknown>>,
  pattern: RegExp,
  aliases: readonly string[] = [],
): NameTable => {
  let names: Map<number, string> | undefined
  let numbers: Map<string, number> | undefined
  let sorted: [string, number][] | undefined
  const build = () => {
    sorted = []
    names = new Map()
    numbers = new Map()
    for (const [name, value] of Object.entries(module)) {
      if (typeof value !== 'number' || !pattern.test(name)) continue
      numbers.set(name, value)
      if (!aliases.includes(name)) sorted.push([name, value])
    }
    sorted.sort((a, b) => a[1] - b[1])
    for (const [name, value] of sorted) names.set(value, name)
  }
  return {
    nameOf(value) {
      if (!names) build()
      return names!.get(value)
    },
    numberOf(name) {
      if (!numbers) build()
      return numbers!.get(name)
    },
    entries() {
      if (!sorted) build()
      return sorted!
    },
  }
}

/**
 * A mask as text, `A|B|0x80`: names with more bits are taken first, unknown bits are told in hexadecimal, and an empty
 * mask is `0`. Bits above 31 are not looked at.
 */
export const flagText = (table: NameTable, mask: number): string => {
  const found: [string, number][] = []
  let rest = mask >>> 0
  for (const entry of [...table.entries()].sort((a, b) => bitCount(b[1]) - bitCount(a[1]))) {
    const bits = entry[1] >>> 0
    if (bits === 0 || ((rest & bits) >>> 0) !== bits) continue
    found.push(entry)
    rest = (rest & ~bits) >>> 0
  }
  const names = found.sort((a, b) => (a[1] >>> 0) - (b[1] >>> 0)).map(([name]) => name)
  if (rest) names.push(`0x${rest.toString(16)}`)
  return names.join('|') || '0'
}

const bitCount = (value: number): number => {
  let count = 0
  for (let rest = value >>> 0; rest; rest &= rest - 1) count++
  return count
}
