/** The labels a system has seen: added, never removed, each with a number that stays (smack_known_list). */
import { EINVAL, ENOMEM } from '@lsmkit/abi'
import { labelEnd } from './label.ts'
import type { Label } from './label.ts'
import { bytesOf } from './parse/bytes.ts'

/** `?`: what an unknown number stands for. No power of its own. */
export const HUH: Label = 2
/** `^`: reads everything. */
export const HAT: Label = 3
/** `*`: everybody may access it, it may access nothing. */
export const STAR: Label = 4
/** `_`: everybody may read it. The label that the system starts with. */
export const FLOOR: Label = 5
/** `@`: everybody, in both directions; no task may be it. */
export const WEB: Label = 7

const FIRST_SECID: Label = 10
const builtins: readonly (readonly [Label, string])[] = [[HUH, '?'], [HAT, '^'], [STAR, '*'], [FLOOR, '_'], [WEB, '@']]

/** No table holds more: a rule keeps its subject in 24 bits. */
export const MAX_LABELS = (1 << 24) - 1

/** Labels by number, from 1, and by text. */
export class LabelTable {
  readonly #numbers = new Map<string, Label>()
  readonly #texts: string[] = []
  /** The same as file systems store it, where it has been asked for. */
  readonly #stored: (Uint8Array | undefined)[] = []
  readonly #limit: number

  /** `limit` bounds the labels users may add, up to MAX_LABELS. */
  constructor(limit: number) {
    this.#limit = Math.min(limit, MAX_LABELS - FIRST_SECID)
    for (let label = 0; label < FIRST_SECID; label++) this.#texts.push('')
    for (const [label, text] of builtins) {
      this.#texts[label] = text
      this.#numbers.set(text, label)
    }
  }

  /** One more than the highest number. */
  get end(): Label {
    return this.#texts.length
  }

  /** The text; `?` for a number nobody has. */
  text(label: Label): string {
    return this.#texts[label] || '?'
  }

  /** The text as bytes, always the same: nobody may write to them. */
  bytes(label: Label): Uint8Array {
    const known = this.#stored[label]
    if (known !== undefined) return known
    const bytes = bytesOf(this.text(label))
    if (this.has(label)) this.#stored[label] = bytes
    return bytes
  }

  /** Whether some label has this number (smack_from_secid finds it). */
  has(label: Label): boolean {
    return this.#texts[label] !== undefined && this.#texts[label] !== ''
  }

  /** The number of exactly this text, 0 when nobody has used it (smk_find_entry). */
  find(text: string): Label {
    return this.#numbers.get(text) ?? 0
  }

  /** As `smk_import_entry`: the label `text` starts with, made when it is new; -EINVAL, -ENOMEM without room. */
  import(text: string, len = 0): Label {
    return this.importAt(text, 0, len)
  }

  /** The same for the label that starts at `at`. */
  importAt(text: string, at: number, len: number): Label {
    const end = labelEnd(text, at, len)
    return end < 0 ? -EINVAL : this.intern(text.slice(at, end))
  }

  /** As `smk_import_valid_label`: `text` is known to be a label. -ENOMEM when there is no room. */
  intern(text: string): Label {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const label = this.#texts.length
    if (label - FIRST_SECID >= this.#limit) return -ENOMEM
    const own = detached(text)
    this.#texts.push(own)
    this.#numbers.set(own, label)
    return label
  }

  /** Newest first, the order of every listing: numbers only grow, those of the five built-in labels included. */
  *newestFirst(): Generator<Label> {
    for (let label = this.#texts.length - 1; label > 0; label--) if (this.#texts[label] !== '') yield label
  }
}

/** The same text on its own: a part of a longer one would keep all of that in memory. */
const detached = (text: string): string => Array.from(text).join('')
