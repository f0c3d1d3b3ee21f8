/** Why a program was stopped while it ran. The runner decides the answer then: the program never goes on. */

export const FAULT = {
  /** A load or store where the program has nothing to read or write. */
  memory: 1,
  /** More instructions than its budget. */
  budget: 2,
  /** Frames do not fit: calls too deep, or programs that call each other too often. */
  stack: 3,
  /** It left its code. */
  outside: 4,
  /** A helper that does not exist, or one that cannot do what was asked. */
  helper: 5,
  /** No such instruction. */
  opcode: 6,
} as const

export type FaultKind = keyof typeof FAULT

const SENTENCES: Readonly<Record<FaultKind, string>> = {
  memory: 'access outside of its memory',
  budget: 'more instructions than its budget',
  stack: 'frames do not fit its stack',
  outside: 'the program leaves its code',
  helper: 'a helper cannot be called like this',
  opcode: 'no such instruction',
}

/** Thrown out of a program that is stopped. */
export class BpfFault extends Error {
  override readonly name = 'BpfFault'
  readonly kind: FaultKind
  /** Slot of the instruction, -1 when not known. */
  readonly slot: number

  constructor(kind: FaultKind, slot: number, detail = SENTENCES[kind]) {
    super(slot < 0 ? detail : `${slot}: ${detail}`)
    this.kind = kind
    this.slot = slot
  }
}

/** The function that compiled code calls with the numbers of `FAULT`. */
export const throwFault = (slot: number, number: number): never => {
  const kind = (Object.keys(FAULT) as FaultKind[]).find((name) => FAULT[name] === number)!
  throw new BpfFault(kind, slot)
}

/** `bpf_throw`: leaves all frames of the program; the cookie is what the program's exception callback gets. */
export class BpfThrow extends Error {
  override readonly name = 'BpfThrow'
  readonly low: number
  readonly high: number

  constructor(low: number, high: number) {
    super('bpf_throw')
    this.low = low
    this.high = high
  }
}
