/** Filters of classic BPF from steps with labels, and the codes and offsets that they are made of. */
import type { SockFilter } from '@lsmkit/kernel'

/** Codes of the steps. */
export const filterCodes = {
  /** Loads a word of `struct seccomp_data`. */
  LOAD: 0x20,
  AND: 0x54,
  EQUAL: 0x15,
  GREATER: 0x25,
  NOT_LESS: 0x35,
  HAS_BITS: 0x45,
  /** Goes on at `yes`, however far away. */
  JUMP: 0x05,
  RETURN: 0x06,
} as const

/** Offsets in `struct seccomp_data`. An argument is two words, of which `low` is the first. */
export const callOffsets = {
  NR: 0,
  ARCH: 4,
  low: (argument: number): number => 16 + 8 * argument,
  high: (argument: number): number => 20 + 8 * argument,
} as const

const { JUMP } = filterCodes

/** A step of the filter with names for where it goes on: `next`, or a label. */
export interface LabelledStep {
  readonly label?: string
  readonly code: number
  readonly k: number
  readonly yes?: string
  readonly no?: string
}

/** The steps with distances for names, as seccomp(2) takes them. */
export const assembleFilter = (steps: readonly LabelledStep[]): SockFilter[] => {
  const places = new Map(steps.flatMap(({ label }, at) => (label === undefined ? [] : [[label, at] as const])))
  return steps.map(({ code, k, yes, no }, at) => {
    const to = (label: string | undefined): number => (label === undefined ? 0 : places.get(label)! - at - 1)
    return code === JUMP ? { code, jt: 0, jf: 0, k: to(yes) } : { code, jt: to(yes), jf: to(no), k: k >>> 0 }
  })
}
