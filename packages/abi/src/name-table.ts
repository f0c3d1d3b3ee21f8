/** Looks names up by number and numbers by name, from a module of constants: no list of names is written twice. */

type Entry = readonly [name: string, value: number]

export interface NameTable {
  /** The name, or undefined for a number the table does not have. */
  nameOf(value: number): string | undefined
  /** The number; aliases are known too. */
  numberOf(name: string): number | undefined
  /** Every name but the aliases, by rising number. */
  entries(): readonly Entry[]
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
  const build = () => {
    const isNumber = (entry: [string, unknown]): entry is [string, number] => typeof entry[1] === 'number'
    const all = Object.entries(module).filter(isNumber).filter(([name]) => pattern.test(name))
    const entries: readonly Entry[] = all.filter(([name]) => !aliases.includes(name)).sort((a, b) => a[1] - b[1])
    return { entries, names: new Map(entries.map(([name, value]) => [value, name])), numbers: new Map(all) }
  }
  let built: ReturnType<typeof build> | undefined
  const table = () => (built ??= build())
  return {
    nameOf: (value) => table().names.get(value),
    numberOf: (name) => table().numbers.get(name),
    entries: () => table().entries,
  }
}

/**
 * A mask as text, `A|B|0x80`: names with more bits are taken first, unknown bits are printed in hexadecimal, and an
 * empty mask is `0`. Bits above 31 are not looked at.
 */
export const flagText = (table: NameTable, mask: number): string => {
  const found: Entry[] = []
  let rest = mask >>> 0
  for (const entry of [...table.entries()].sort((a, b) => bitCount(b[1]) - bitCount(a[1]))) {
    const bits = entry[1] >>> 0
    if (bits === 0 || (rest & bits) >>> 0 !== bits) continue
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
