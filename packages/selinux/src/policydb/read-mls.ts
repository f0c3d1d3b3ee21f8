/** Levels, ranges and contexts, once the symbols are known. */
import type { ByteReader } from './byte-reader.ts'
import { Ebitmap } from './ebitmap.ts'
import type { Context, Level, Range } from './policydb.ts'

/** How many values each kind of symbol has. */
export interface Limits {
  readonly classes: number
  readonly roles: number
  readonly types: number
  readonly users: number
  readonly sensitivities: number
  readonly categories: number
}

export const readLevel = (r: ByteReader, what: string): Level => ({ sens: r.u32(what), cats: r.ebitmap(what) })

const plainRange = (sens: number): Range => {
  const level = Object.freeze({ sens, cats: Ebitmap.empty })
  return Object.freeze({ low: level, high: level })
}

/** Ranges of one level without categories, which most are: one object for each sensitivity. */
const plainRanges = Array.from({ length: 64 }, (_, sens) => plainRange(sens))

export const readRange = (r: ByteReader, what: string): Range => {
  const at = r.at
  const items = r.u32(what)
  if (items !== 1 && items !== 2) r.fail('bad-value', `${what}: ${items} levels`, 'a range has one or two', at)
  const low = r.u32(what)
  const high = items === 2 ? r.u32(what) : low
  const lowCats = r.ebitmap(what)
  if (items === 1) {
    if (lowCats.isEmpty) return plainRanges[low] ?? plainRange(low)
    const level = { sens: low, cats: lowCats }
    return { low: level, high: level }
  }
  return { low: { sens: low, cats: lowCats }, high: { sens: high, cats: r.ebitmap(what) } }
}

/** Throws unless the range is of known sensitivities and categories, and its high end dominates the low one. */
export const checkRange = (
  r: ByteReader, range: Range, mls: boolean, limits: Limits, what: string, at: number,
): void => {
  if (!mls) return
  for (const { sens, cats } of range.low === range.high ? [range.low] : [range.low, range.high]) {
    if (sens < 1 || sens > limits.sensitivities) r.fail('bad-reference', `${what}: sensitivity ${sens}`, null, at)
    if (cats.max >= limits.categories) r.fail('bad-reference', `${what}: category ${cats.max + 1}`, null, at)
  }
  if (range.high.sens < range.low.sens || !range.high.cats.contains(range.low.cats)) {
    r.fail('bad-value', `${what}: the high level does not dominate the low one`, null, at)
  }
}

export const readCheckedRange = (r: ByteReader, mls: boolean, limits: Limits, what: string): Range => {
  const at = r.at
  const range = readRange(r, what)
  checkRange(r, range, mls, limits, what, at)
  return range
}

/** Range expected since version 19; this reader reads no older ones. */
export const readContext = (r: ByteReader, mls: boolean, limits: Limits, what: string): Context => ({
  user: r.value(limits.users, `user of ${what}`),
  role: r.value(limits.roles, `role of ${what}`),
  type: r.value(limits.types, `type of ${what}`),
  range: readCheckedRange(r, mls, limits, `range of ${what}`),
})
