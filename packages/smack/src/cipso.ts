/**
 * Labels on the wire: a CIPSO level and categories for each label, set by themselves from its text or its number, or by
 * the administrator (smk_netlbl_mls, smack_populate_secattr, smack_from_secattr).
 */
import { SMK_LABELLEN } from './label.ts'
import type { Label } from './label.ts'
import type { LabelTable } from './label-table.ts'
import { STAR, WEB } from './label-table.ts'

/** 23 bytes of a label, a bit a category. */
export const SMACK_CIPSO_MAXCATNUM = 184
export const SMACK_CIPSO_MAXLEVEL = 255
const CIPSO_DIRECT_DEFAULT = 250
const CIPSO_MAPPED_DEFAULT = 251

/** Categories in rising order. */
export type Categories = readonly number[]

export interface CipsoLabel {
  readonly level: number
  readonly categories: Categories
}

/** Bits of bytes as numbers: the highest bit of the first byte is category 1. */
const categoriesOf = (bytes: Iterable<number>): number[] => {
  const found: number[] = []
  let category = 1
  for (const byte of bytes) for (let bit = 0x80; bit !== 0; bit >>= 1, category++) if (byte & bit) found.push(category)
  return found
}

const textBytes = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0))
/** As the number lies in little-endian memory. */
const numberBytes = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff)

/** The CIPSO level and categories of labels, and back. */
export class CipsoMap {
  readonly #labels: LabelTable
  /** Level of labels that carry their own text. */
  #direct = CIPSO_DIRECT_DEFAULT
  /** Level of labels that are too long for that and carry their number. */
  #mapped = CIPSO_MAPPED_DEFAULT
  /** By label: its level plus 1; 0 where nobody has looked yet. */
  #levels = new Uint16Array(64)
  /** Labels below this number have a level. */
  #settled = 0
  readonly #set = new Map<Label, Categories>()

  constructor(labels: LabelTable) {
    this.#labels = labels
  }

  get directLevel(): number {
    return this.#direct
  }

  get mappedLevel(): number {
    return this.#mapped
  }

  /** As a write to smackfs/direct: every label of the old level moves along, whoever has set it. */
  setDirect(level: number): void {
    this.#move(this.#direct, level)
    this.#direct = level
  }

  /** As a write to smackfs/mapped. */
  setMapped(level: number): void {
    this.#move(this.#mapped, level)
    this.#mapped = level
  }

  level(label: Label): number {
    this.#settle()
    return this.#levels[label]! - 1
  }

  categories(label: Label): Categories {
    return this.#set.get(label) ?? this.#automatic(label)
  }

  assign(label: Label, level: number, categories: Categories): void {
    this.#settle()
    this.#levels[label] = level + 1
    this.#set.set(label, categories)
  }

  /**
   * As `smack_from_secattr` for a CIPSO packet: the newest label of this level with exactly these categories. Without
   * categories only the newest label of the level counts (the kernel's search ends there). A packet that no label fits
   * is `*`, which may send to nobody; on a socket that receives as `*` it is `@`.
   */
  labelOf({ level, categories }: CipsoLabel, receiver: Label): Label {
    const fallback = receiver === STAR ? WEB : STAR
    for (const label of this.#labels.newestFirst()) {
      if (this.level(label) !== level) continue
      const own = this.categories(label)
      if (categories.length === 0) return own.length === 0 ? label : fallback
      if (own.length === categories.length && own.every((category, i) => category === categories[i])) return label
    }
    return fallback
  }

  #automatic(label: Label): number[] {
    return categoriesOf(this.#isDirect(label) ? textBytes(this.#labels.text(label)) : numberBytes(label))
  }

  #isDirect(label: Label): boolean {
    return this.#labels.text(label).length < SMK_LABELLEN
  }

  /** Labels that came since have the level that held when they were made: none has changed it without settling them. */
  #settle(): void {
    const { end } = this.#labels
    if (this.#settled === end) return
    if (end > this.#levels.length) {
      const larger = new Uint16Array(Math.max(end, 2 * this.#levels.length))
      larger.set(this.#levels)
      this.#levels = larger
    }
    for (; this.#settled < end; this.#settled++) {
      this.#levels[this.#settled] = 1 + (this.#isDirect(this.#settled) ? this.#direct : this.#mapped)
    }
  }

  #move(from: number, to: number): void {
    this.#settle()
    for (let label = 0; label < this.#settled; label++) {
      if (this.#levels[label] === from + 1) this.#levels[label] = to + 1
    }
  }
}
