/**
 * Where a fuzzer is: a few numbers in a file, written at each input and read by the parent. Written numbers stay there
 * even if the process dies in the next instruction.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs'

export interface Place {
  /** Inputs begun; the one that is tried is the last of them. */
  readonly inputs: number
  readonly steps: number
}

const SIZE = 16

export class BeatWriter {
  readonly #numbers = new Float64Array(2)
  readonly #fd: number

  constructor(path: string) {
    this.#fd = openSync(path, 'w')
  }

  write(inputs: number, steps: number): void {
    this.#numbers[0] = inputs
    this.#numbers[1] = steps
    writeSync(this.#fd, this.#numbers, 0, SIZE, 0)
  }
}

/** Null before the first input. */
export const readBeat = (path: string): Place | null => {
  const numbers = new Float64Array(2)
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return null
  }
  const length = readSync(fd, numbers, 0, SIZE, 0)
  closeSync(fd)
  return length === SIZE ? { inputs: numbers[0]!, steps: numbers[1]! } : null
}
