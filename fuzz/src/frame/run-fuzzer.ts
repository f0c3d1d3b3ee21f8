/** Runs a fuzzer for its time: what ends its process is a finding, and the next process goes on behind it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Place } from './progress-file.ts'
import type { ChildOptions } from './child.ts'
import type { ChildMessage } from './child-session.ts'
import type { Kind } from './fuzzer.ts'
import { watch } from './watch.ts'
import type { Death, Limits, Watched } from './watch.ts'

export interface Finding {
  readonly kind: Kind
  /** Number of the input from the seed on, or of the file that was replayed. */
  readonly number: number
  readonly detail: string
  /** Null if the process ended before it could report. */
  readonly input: Uint8Array | null
}

export interface FuzzResult {
  readonly name: string
  readonly seed: number
  /** Inputs and steps. */
  readonly inputs: number
  readonly seconds: number
  readonly findings: readonly Finding[]
}

export interface RunOptions {
  /** URL of the module whose `fuzzers` is the table. */
  readonly table: string
  readonly name: string
  readonly seed: number
  readonly seconds: number
  /** Number of the first input, and how many; from 0 as many as there is time for. */
  readonly first?: number
  readonly inputs?: number
  readonly files?: readonly string[]
  readonly keep?: string
  readonly limits?: Limits
  /** Called every `every` seconds (30 unless given) with the result so far. */
  readonly soFar?: (result: FuzzResult) => void
  readonly every?: number
  /** Ends the run before its time; the result is what has been done. */
  readonly stop?: AbortSignal
}

const LIMITS: Limits = { hang: 5, heap: 1024 }
/** Processes after which a fuzzer has shown that it does not run. */
const PROCESSES = 20
const NO_END = 2 ** 50
const EVERY = 30

const findingOf = ({ kind, number, detail, input }: ChildMessage): Finding =>
  ({ kind, number, detail, input: Buffer.from(input, 'base64') })

/** A process that died before its first input is not begun again. */
const deathAt = ({ kind, detail }: Death, first: number, inputs: number): Finding =>
  ({ kind, number: first + Math.max(inputs - 1, 0), detail: inputs === 0 ? `while loading: ${detail}` : detail,
    input: null })

export const runFuzzer = async (options: RunOptions): Promise<FuzzResult> => {
  const { table, name, seed, seconds, files = null, keep = null, limits = LIMITS, every = EVERY, soFar, stop } = options
  const folder = mkdtempSync(join(tmpdir(), 'lsmkit-fuzz-'))
  const begun = performance.now()
  const elapsed = (): number => (performance.now() - begun) / 1000
  const findings: Finding[] = []
  let first = options.first ?? 0
  const last = files === null ? first + (options.inputs ?? NO_END) : files.length
  let counted = 0
  let next = every
  const look = ({ inputs, steps }: Place): boolean => {
    if (elapsed() >= next) {
      next += every
      soFar?.({ name, seed, inputs: counted + inputs + steps, seconds: elapsed(), findings: [...findings] })
    }
    return stop?.aborted !== true
  }
  const once = async (): Promise<Watched> => {
    const child: ChildOptions = {
      table, name, seed, first, files, keep, seconds: seconds - elapsed(), inputs: last - first,
      beat: join(folder, 'beat'), findings: join(folder, 'findings'),
    }
    const watched = await watch(child, limits, look)
    findings.push(...watched.told.map(findingOf))
    if (watched.death !== null) findings.push(deathAt(watched.death, first, watched.inputs))
    counted += watched.inputs + watched.steps
    first += watched.inputs
    return watched
  }
  try {
    for (let left = PROCESSES; left > 0; left--) {
      const { death, inputs } = await once()
      if (stop?.aborted === true || death === null || inputs === 0 || first >= last) break
      if (files === null && elapsed() >= seconds) break
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return { name, seed, inputs: counted, seconds: elapsed(), findings }
}
