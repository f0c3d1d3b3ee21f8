/** The session of a fuzzer's process: counts, reports its place to the parent, writes findings down at once. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { BeatWriter } from './progress-file.ts'
import type { Input, Kind, Session } from './fuzzer.ts'
import { bytesOf } from './input-fuzzer.ts'
import { mixed, Random } from './random.ts'

/** A finding as a line of the file of findings. */
export interface ChildMessage {
  readonly kind: Kind
  /** Number of the input from the seed on. */
  readonly number: number
  readonly detail: string
  /** In base64. */
  readonly input: string
}

export interface SessionOptions {
  readonly seed: number
  /** Number of the first input. */
  readonly first: number
  readonly seconds: number
  /** Ends after so many. */
  readonly inputs: number
  readonly beat: string
  readonly findings: string
  /** Where `trying` keeps the input; null for nowhere. */
  readonly keep: string | null
}

/** Findings after which a process has told enough. */
const ENOUGH = 100
/** Milliseconds between two signs of life of one input. */
const LOOK = 100

export class ChildSession implements Session {
  seed = 0
  random = new Random(0)
  #inputs = 0
  #steps = 0
  #told = 0
  #lived = 0
  readonly #options: SessionOptions
  readonly #beat: BeatWriter
  readonly #end: number

  constructor(options: SessionOptions) {
    this.#options = options
    this.#beat = new BeatWriter(options.beat)
    this.#end = performance.now() + options.seconds * 1000
  }

  more(): boolean {
    if (this.#inputs === this.#options.inputs || this.#told >= ENOUGH || performance.now() >= this.#end) return false
    this.begin()
    return true
  }

  /** The next input, whatever the time. */
  begin(): void {
    this.seed = mixed(this.#options.seed, this.#options.first + this.#inputs)
    this.random = new Random(this.seed)
    this.#beat.write(++this.#inputs, this.#steps)
  }

  step(count = 1): void {
    this.#steps += count
    const now = performance.now()
    if (now - this.#lived < LOOK) return
    this.#lived = now
    this.#beat.write(this.#inputs, this.#steps)
  }

  trying(input: Input): void {
    const { keep } = this.#options
    if (keep === null) return
    mkdirSync(dirname(keep), { recursive: true })
    writeFileSync(keep, input)
  }

  found(kind: Kind, input: Input, detail: string): void {
    this.#told++
    const number = this.#options.first + this.#inputs - 1
    const line: ChildMessage = { kind, number, detail, input: Buffer.from(bytesOf(input)).toString('base64') }
    appendFileSync(this.#options.findings, `${JSON.stringify(line)}\n`)
  }

  /** Leaves the counts as they are in the end. */
  close(): void {
    this.#beat.write(this.#inputs, this.#steps)
  }
}
