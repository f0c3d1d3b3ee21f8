/** Random strings that lead an automaton to its states: far more of them are seen than by strings of chance. */
import { next } from '@lsmkit/apparmor/dfa'
import type { Dfa } from '@lsmkit/apparmor/dfa'

type Pick = (n: number) => number

export class Walker {
  readonly #dfa: Dfa
  /** By state: bytes by the state they lead to. */
  readonly #steps = new Map<number, readonly (readonly number[])[]>()

  constructor(dfa: Dfa) {
    this.#dfa = dfa
  }

  #stepsOf(state: number): readonly (readonly number[])[] {
    const known = this.#steps.get(state)
    if (known !== undefined) return known
    const groups = new Map<number, number[]>()
    for (let byte = 0; byte < 256; byte++) {
      const to = next(this.#dfa, state, byte)
      if (to === 0) continue
      const group = groups.get(to)
      if (group === undefined) groups.set(to, [byte])
      else group.push(byte)
    }
    const steps = [...groups.values()]
    this.#steps.set(state, steps)
    return steps
  }

  /** The state after the bytes; the dead state is never left. */
  after(start: number, bytes: Iterable<number>): number {
    let state = start
    for (const byte of bytes) if (state !== 0) state = next(this.#dfa, state, byte)
    return state
  }

  /** At most `length` bytes from a state on; ends where every step leads to the dead state. */
  walk(start: number, length: number, pick: Pick): number[] {
    const bytes: number[] = []
    let state = start
    while (bytes.length < length) {
      const steps = this.#stepsOf(state)
      if (steps.length === 0) break
      const group = steps[pick(steps.length)]!
      const byte = group.includes(0x61) && pick(4) > 0 ? 0x61 : group[pick(group.length)]!
      bytes.push(byte)
      state = next(this.#dfa, state, byte)
    }
    return bytes
  }
}
