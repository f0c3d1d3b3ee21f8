/** SIDs and what they stand for: a context, or a text that the policy does not know (yet) and that counts as unlabelled. */
import { SECINITSID_UNLABELED } from '../initial-sids.ts'
import type { SecurityContext } from './context.ts'

/** The initial SIDs of the kernel are 1 to 27; others follow (SECINITSID_NUM). */
export const SECINITSID_NUM = 27

/** The names of initial SIDs before there is a policy; null for numbers that are no longer used. */
export const initialSidNames: readonly (string | null)[] = [
  null, 'kernel', 'security', 'unlabeled', null, 'file', null, 'init', 'any_socket', 'port', 'netif', 'netmsg', 'node',
  null, null, null, null, null, null, null, null, null, null, null, null, null, null, 'devnull',
]

const FIRST_CELLS = 256

const hash = ({ user, role, type, low, high }: SecurityContext): number => {
  let h = Math.imul(type ^ (user << 16), 0x9e3779b1) ^ Math.imul(role + 1, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15) ^ Math.imul(low.id + 1, 0xc2b2ae35), 0x2c1b3c6d)
  return Math.imul(h ^ (h >>> 13) ^ Math.imul(high.id + 1, 0x27d4eb2f), 0x165667b1)
}

export class SidTable {
  /** By SID; null of a text that is not a context now, and of numbers without any. */
  readonly #contexts: (SecurityContext | null)[] = Array.from({ length: SECINITSID_NUM + 1 }, () => null)
  readonly #texts = new Map<number, string>()
  readonly #byText = new Map<string, number>()
  /** Open addressing: SIDs. */
  #cells = new Int32Array(FIRST_CELLS)
  #used = 0

  /** One more than the highest SID. */
  get end(): number {
    return this.#contexts.length
  }

  /** Gives an initial SID its context. Of several with one context, the first is found by it. */
  setInitial(sid: number, context: SecurityContext): void {
    this.#contexts[sid] = context
    if (this.#find(context) === 0) this.#enter(sid, context)
  }

  /** The context, null of a text or of nothing. */
  own(sid: number): SecurityContext | null {
    return this.#contexts[sid] ?? null
  }

  /** The context that decides: that of the unlabelled SID for what has none; null if that has none either. */
  effective(sid: number): SecurityContext | null {
    return this.#contexts[sid] ?? this.#contexts[SECINITSID_UNLABELED]!
  }

  /** The stored text of a SID without a context. */
  text(sid: number): string | undefined {
    return this.#texts.get(sid)
  }

  /** The SID of a context, a new one if need be. */
  sidOf(context: SecurityContext): number {
    const known = this.#find(context)
    if (known !== 0) return known
    const sid = this.#contexts.push(context) - 1
    this.#enter(sid, context)
    return sid
  }

  /** The SID of a text that is not a context. */
  sidOfText(text: string): number {
    return this.#byText.get(text) ?? this.#appendText(text)
  }

  /** The next SID, for a context or a text: how those of another policy are taken over. */
  append(what: SecurityContext | string): void {
    if (typeof what === 'string') this.#appendText(what)
    else {
      const sid = this.#contexts.push(what) - 1
      if (this.#find(what) === 0) this.#enter(sid, what)
    }
  }

  #appendText(text: string): number {
    const sid = this.#contexts.push(null) - 1
    this.#texts.set(sid, text)
    this.#byText.set(text, sid)
    return sid
  }

  #find(context: SecurityContext): number {
    const cells = this.#cells
    const mask = cells.length - 1
    let at = hash(context) & mask
    for (;;) {
      const sid = cells[at]!
      if (sid === 0 || this.#contexts[sid]!.equals(context)) return sid
      at = (at + 1) & mask
    }
  }

  #enter(sid: number, context: SecurityContext): void {
    if (2 * ++this.#used > this.#cells.length) {
      const old = this.#cells
      this.#cells = new Int32Array(2 * old.length)
      for (const known of old) if (known !== 0) this.#place(known, this.#contexts[known]!)
    }
    this.#place(sid, context)
  }

  #place(sid: number, context: SecurityContext): void {
    const mask = this.#cells.length - 1
    let at = hash(context) & mask
    while (this.#cells[at] !== 0) at = (at + 1) & mask
    this.#cells[at] = sid
  }
}
