/** Levels of a loaded policy: equal ones are one object, so that most comparisons are of identity. */
import { Ebitmap } from '../policydb/ebitmap.ts'
import type { Level, Range } from '../policydb/policydb.ts'

/** Words of categories that a level keeps: twice what Debian's policy has. */
const MOST_WORDS = 64

/** A sensitivity and its categories, those also as words up to the last that is not 0; null if that takes too many. */
export class MlsLevel {
  readonly sens: number
  readonly cats: Ebitmap
  readonly words: Uint32Array | null
  readonly id: number

  constructor(sens: number, cats: Ebitmap, id: number) {
    const words = (cats.max + 32) >>> 5
    this.sens = sens
    this.cats = cats
    this.words = words > MOST_WORDS ? null : new Uint32Array(words)
    this.id = id
    if (this.words !== null) cats.copyInto(this.words)
  }
}

export interface MlsRange {
  readonly low: MlsLevel
  readonly high: MlsLevel
}

/** At least as sensitive, and with all its categories (mls_level_dom). */
export const dominates = (a: MlsLevel, b: MlsLevel): boolean => {
  if (a === b) return true
  if (a.sens < b.sens) return false
  const [has, wants] = [a.words, b.words]
  if (has === null || wants === null) return a.cats.contains(b.cats)
  if (wants.length > has.length) return false
  for (let i = 0; i < wants.length; i++) if ((wants[i]! & ~has[i]!) !== 0) return false
  return true
}

/** `b` lies between `low` and `high`, both included. */
export const isBetween = (b: MlsLevel, low: MlsLevel, high: MlsLevel): boolean =>
  dominates(b, low) && dominates(high, b)

export class LevelTable {
  readonly #known = new Map<string, MlsLevel>()

  of({ sens, cats }: Level): MlsLevel {
    let key = String(sens)
    cats.forEachNode((start, low, high) => {
      key += ` ${start} ${low} ${high}`
    })
    let level = this.#known.get(key)
    if (level === undefined) {
      level = new MlsLevel(sens, cats, this.#known.size)
      this.#known.set(key, level)
    }
    return level
  }

  range({ low, high }: Range): MlsRange {
    const from = this.of(low)
    return { low: from, high: low === high ? from : this.of(high) }
  }

  /** Greatest low to least high end, categories in common; null when the ranges have no sensitivity in common. */
  glblub(a: MlsRange, b: MlsRange): MlsRange | null {
    if (a.high.sens < b.low.sens || b.high.sens < a.low.sens) return null
    return {
      low: this.of({ sens: Math.max(a.low.sens, b.low.sens), cats: a.low.cats.intersection(b.low.cats) }),
      high: this.of({ sens: Math.min(a.high.sens, b.high.sens), cats: a.high.cats.intersection(b.high.cats) }),
    }
  }

  /** The level of a policy without MLS. */
  readonly none = this.of({ sens: 0, cats: Ebitmap.empty })
}
