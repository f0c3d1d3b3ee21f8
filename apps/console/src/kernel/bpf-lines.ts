/** Which lines of C a program of BPF went through in the call at hand: counters, and how they stood when it began. */
import type { ProgramSpec } from '@lsmkit/bpf'

interface Watched {
  readonly spec: ProgramSpec
  readonly counts: Float64Array<ArrayBuffer>
  readonly before: Float64Array<ArrayBuffer>
}

/** Handed to `bpf({ coverage })`. */
export class BpfLines {
  #watched: Watched[] = []

  counts(_object: string, spec: ProgramSpec): Float64Array<ArrayBuffer> {
    const counts = new Float64Array(spec.code.length)
    this.#watched.push({ spec, counts, before: new Float64Array(counts.length) })
    return counts
  }

  /** A call begins. */
  begin(): void {
    for (const { counts, before } of this.#watched) before.set(counts)
  }

  /** Nothing of what was loaded is there any more. */
  forget(): void {
    this.#watched = []
  }

  /** Lines that ran on a hook since the call began, program by program, in the order of the instructions. */
  since(hook: string): string[] {
    return this.#watched
      .filter(({ spec }) => spec.attachTo === hook || spec.section.endsWith(`/${hook}`))
      .flatMap(({ spec, counts, before }) => {
        const lines = [...spec.lines]
          .sort((a, b) => a.slot - b.slot)
          .flatMap(({ slot, file, line, text }, i, all) => {
            const end = all[i + 1]?.slot ?? counts.length
            const ran =
              line > 0 && /\w/.test(text) && counts.subarray(slot, end).some((count, at) => count > before[slot + at]!)
            return ran ? [`${file}:${line}: ${text.trim()}`] : []
          })
        return lines.length === 0 ? [] : [`${spec.name}:`, ...lines.filter((line, i) => line !== lines[i - 1])]
      })
  }
}
