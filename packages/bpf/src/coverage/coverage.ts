/** How often each instruction ran, and by `.BTF.ext` each line of the source. */
import type { ProgramSpec, SourceLine } from '../object/bpf-object.ts'

export interface CoveredProgram {
  readonly object: string
  readonly name: string
  /** Slots of 8 bytes, the second half of a 64-bit load left out. */
  readonly instructions: number
  /** Those that ran. */
  readonly used: number
  /** Its object was compiled with `-g`. */
  readonly hasLines: boolean
}

export interface CoveredBpfLine {
  /** As it was given to the compiler. */
  readonly file: string
  readonly line: number
  readonly text: string
  /** How often the instruction of the line that ran most did; programs that share a function add up. */
  readonly hits: number
}

interface Counted {
  readonly object: string
  readonly name: string
  readonly wides: number
  readonly lines: readonly SourceLine[]
  /** By slot. */
  readonly counts: Float64Array<ArrayBuffer>
}

const LDDW = 0x18

/** Gathers over any number of runs: hand it to each `bpf({ coverage })`. */
export class BpfCoverage {
  readonly #all = new Map<string, Counted>()

  /** Counters of a program's instructions, by slot. The same program of an object, loaded again, has the same. */
  counts(object: string, { name, code, lines }: ProgramSpec): Float64Array<ArrayBuffer> {
    const places = lines.map(({ slot, file, line }) => `${slot} ${file} ${line}`)
    const key = JSON.stringify([object, name, code.length, ...places])
    let known = this.#all.get(key)
    if (known === undefined) {
      const counts = new Float64Array(code.length)
      this.#all.set(key, known = { object, name, lines, counts, wides: code.op.filter((op) => op === LDDW).length })
    }
    return known.counts
  }

  programs(): CoveredProgram[] {
    return Array.from(this.#all.values(), ({ object, name, lines, counts, wides }) => ({
      object, name, instructions: counts.length - wides, used: counts.filter((count) => count > 0).length,
      hasLines: lines.length > 0,
    }))
  }

  /**
   * For `ScenarioCoverage` of `@lsmkit/testkit/scenario`; none where no program was loaded. A program without lines
   * counts as one.
   */
  parts(): { readonly name: string; readonly total: number; readonly used: number; readonly never: string[] }[] {
    const lines = this.lines()
    const blind = this.programs().filter(({ hasLines }) => !hasLines)
    const never = [
      ...lines.filter(({ hits }) => hits === 0).map(({ file, line, text }) => `${file}:${line}: ${text}`),
      ...blind.filter(({ used }) => used === 0).map(({ object, name }) => `${object}: ${name}, compiled without -g`),
    ]
    const total = lines.length + blind.length
    return total === 0 ? [] : [{ name: 'lines of BPF programs', total, used: total - never.length, never }]
  }

  /** Lines that instructions came from, by file and line. */
  lines(): CoveredBpfLine[] {
    const found = new Map<string, CoveredBpfLine>()
    for (const program of this.#all.values()) {
      for (const { file, line, text, hits } of linesOf(program)) {
        const key = `${line} ${file}`
        found.set(key, { file, line, text, hits: hits + (found.get(key)?.hits ?? 0) })
      }
    }
    return [...found.values()].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
  }
}

/** A record stands for all instructions up to the next one. Line 0 is the compiler's own. */
const linesOf = ({ lines, counts }: Counted): Iterable<CoveredBpfLine> => {
  const found = new Map<string, CoveredBpfLine>()
  const sorted = [...lines].sort((a, b) => a.slot - b.slot)
  for (const [i, { slot, file, line, text }] of sorted.entries()) {
    if (line === 0) continue
    const key = `${line} ${file}`
    const ran = counts.subarray(slot, sorted[i + 1]?.slot ?? counts.length)
    const hits = ran.reduce((most, count) => Math.max(most, count), found.get(key)?.hits ?? 0)
    found.set(key, { file, line, text: text.trim(), hits })
  }
  return found.values()
}
