/** The way a path came: what backtracking reads again from its end. */
import type { Session } from './session.ts'
import type { History } from './state.ts'

interface Note {
  readonly slotFrame?: number
  readonly slot?: number
  readonly linked?: readonly number[]
  readonly stackOperands?: number
}

const PLAIN: Note = {}

/** Records that the current instruction is on the way; a second note about it joins the first. */
export const noteInsn = (session: Session, note: Note = PLAIN): void => {
  const { state } = session
  const head = state.history
  if (session.noted && head !== null && head.insn === session.insn) {
    state.history = {
      ...head,
      slotFrame: note.slotFrame ?? head.slotFrame,
      slot: note.slot ?? head.slot,
      linked: note.linked ?? head.linked,
      stackOperands: note.stackOperands ?? head.stackOperands,
    }
    return
  }
  session.noted = true
  state.history = {
    insn: session.insn,
    previous: session.previous,
    slotFrame: note.slotFrame ?? -1,
    slot: note.slot ?? -1,
    linked: note.linked ?? null,
    stackOperands: note.stackOperands ?? 0,
    before: head,
    count: (head?.count ?? 0) + 1,
  }
}

/**
 * Walks a state's history backward beside the instructions: `at` is where the walk stands, `head` what of it is left.
 */
export class Trail {
  at: number
  #head: History | null
  readonly #first: number

  constructor(history: History | null, first: number, last: number) {
    this.#head = history
    this.#first = first
    this.at = last
  }

  /** The record of the instruction where the walk stands. */
  get note(): History | null {
    return this.#head !== null && this.#head.insn === this.at ? this.#head : null
  }

  /** Steps to the instruction before; false at the state's beginning. */
  back(): boolean {
    const head = this.#head
    if (this.at === this.#first) {
      if (head === null) return false
      if (head.count === 1 && head.insn === this.at) return false
    }
    if (head !== null && head.insn === this.at) {
      this.at = head.previous
      this.#head = head.before
    } else this.at--
    return true
  }
}
