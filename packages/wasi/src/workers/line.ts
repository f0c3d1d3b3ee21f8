/**
 * The shared memory over which the thread of the kernel and the worker of a component call each other. One of them has
 * the turn, and the other waits: a call, or what has come of one, gives the turn away.
 */
import { ANSWERED, WAITING } from './messages.ts'
import type { WorkerError } from './messages.ts'

export type LineWord = number | bigint

/** The kinds of message with which the turn is given away. */
export const SAYS = {
  /** A function of the other side is called. */
  call: 0,
  /** A call has come back, with its result or without one. */
  returned: 1,
  /** A call has thrown. */
  threw: 2,
  /** Nothing more is called. */
  over: 3,
} as const
export type Says = (typeof SAYS)[keyof typeof SAYS]

export interface Said {
  readonly says: Says
  /** Of the function that is called. */
  readonly number: number
  readonly words: readonly LineWord[]
  /** Of a call that has thrown. */
  readonly error: WorkerError | null
}

/** The canonical ABI passes 17 words at most. */
const MOST_WORDS = 32
const MOST_TEXT = 512
/** Places of words of 32 bits; a tag for each of the arguments is behind them. */
const [TURN, SAID, NUMBER, COUNT, HELD, TAGS] = [0, 1, 2, 3, 4, 6] as const
const VALUES_AT = (TAGS + MOST_WORDS) * 4
const TEXT_AT = VALUES_AT + MOST_WORDS * 8
const [IS_NUMBER, IS_BIG] = [0, 1] as const
const ERRORS = ['stack', 'trap', 'link', 'other'] as const

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const lineBuffer = (): SharedArrayBuffer => {
  const buffer = new SharedArrayBuffer(TEXT_AT + MOST_TEXT)
  // the worker begins
  new Int32Array(buffer)[TURN] = ANSWERED
  return buffer
}

export class Line {
  readonly #state: Int32Array<SharedArrayBuffer>
  readonly #numbers: Float64Array
  readonly #bigs: BigInt64Array
  readonly #text: Uint8Array
  /** The turn that this side waits for, and the one that it gives away. */
  readonly #own: number

  constructor(buffer: SharedArrayBuffer, isWorker: boolean) {
    this.#state = new Int32Array(buffer)
    this.#numbers = new Float64Array(buffer, VALUES_AT, MOST_WORDS)
    this.#bigs = new BigInt64Array(buffer, VALUES_AT, MOST_WORDS)
    this.#text = new Uint8Array(buffer, TEXT_AT, MOST_TEXT)
    this.#own = isWorker ? ANSWERED : WAITING
  }

  /** Whether the kernel's thread sleeps until it has the turn, so that no message has to wake it. */
  get isHeld(): boolean {
    return this.#state[HELD] === 1
  }

  set isHeld(isHeld: boolean) {
    this.#state[HELD] = isHeld ? 1 : 0
  }

  /** Gives the turn away. */
  say(says: Says, number: number, words: readonly unknown[], error: WorkerError | null = null): void {
    const state = this.#state
    state[SAID] = says
    state[NUMBER] = error === null ? number : ERRORS.indexOf(error.kind)
    state[COUNT] = Math.min(words.length, MOST_WORDS)
    for (let i = 0; i < state[COUNT]; i++) {
      const word = words[i]
      state[TAGS + i] = typeof word === 'bigint' ? IS_BIG : IS_NUMBER
      if (typeof word === 'bigint') this.#bigs[i] = word
      else this.#numbers[i] = typeof word === 'number' ? word : Number(word === true)
    }
    if (error !== null) {
      this.#text.fill(0)
      encoder.encodeInto(error.text.slice(0, MOST_TEXT / 4), this.#text)
    }
    Atomics.store(state, TURN, this.#own === WAITING ? ANSWERED : WAITING)
    Atomics.notify(state, TURN)
  }

  /** Waits that many milliseconds at most. Whether this side has the turn. */
  wait(ms = Infinity): boolean {
    const other = this.#own === WAITING ? ANSWERED : WAITING
    const state = this.#state
    if (Atomics.load(state, TURN) !== other) return true
    try {
      Atomics.wait(state, TURN, other, ms)
    } catch {
      // a thread that may not sleep, as a page's: it looks until the time is over
      const end = performance.now() + ms
      while (Atomics.load(state, TURN) === other && performance.now() < end);
    }
    return Atomics.load(state, TURN) !== other
  }

  /** The message of the other side; this side has the turn. */
  heard(): Said {
    const state = this.#state
    const says = state[SAID] as Says
    const words = Array.from({ length: state[COUNT]! }, (_, i): LineWord =>
      (state[TAGS + i] === IS_BIG ? this.#bigs[i]! : this.#numbers[i]!))
    if (says !== SAYS.threw) return { says, number: state[NUMBER]!, words, error: null }
    const text = this.#text.slice()
    const end = text.indexOf(0)
    const error = { kind: ERRORS[state[NUMBER]!]!, text: decoder.decode(end < 0 ? text : text.subarray(0, end)) }
    return { says, number: 0, words, error }
  }
}
