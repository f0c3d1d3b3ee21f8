/** The rules and programs that scenarios used: joined from the coverage of each LSM's package. */
import { checkOptions, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { TestkitError } from '../errors.ts'

/** Rules of one kind, or lines of programs. */
export interface CoveragePart {
  /** `rules of Smack`. */
  readonly name: string
  readonly total: number
  readonly used: number
  /** Those that were not used, as text. */
  readonly never: readonly string[]
}

/** A line of a policy's or a program's source; 0 hits: never used. */
export interface CoveredSourceLine {
  readonly file: string
  readonly line: number
  readonly hits: number
}

/** A source of coverage: the coverage classes of the LSMs' packages. */
export interface CoverageSource {
  readonly parts: () => readonly CoveragePart[]
  readonly lines?: () => readonly CoveredSourceLine[]
}

export interface SummaryOptions {
  /** How many of the unused of each part are listed; 20 unless given. */
  readonly most?: number
}

const summaryRules: OptionRules<SummaryOptions> = { most: wholeNumber(0) }

/** Joins what the given sources have gathered while scenarios ran. */
export class ScenarioCoverage {
  readonly #sources: CoverageSource[]

  constructor(...sources: readonly CoverageSource[]) {
    this.#sources = [...sources]
  }

  add(source: CoverageSource): void {
    this.#sources.push(source)
  }

  parts(): CoveragePart[] {
    return this.#sources.flatMap((source) => source.parts())
  }

  /** Of all parts together; of nothing at all it is 100. */
  percent(): number {
    const parts = this.parts()
    return percentOf({
      total: parts.reduce((sum, { total }) => sum + total, 0), used: parts.reduce((sum, { used }) => sum + used, 0),
    })
  }

  /** For people: a line for each part, and under it what was never used. Throws OptionError. */
  summary(options: SummaryOptions = {}): string[] {
    checkOptions(options, summaryRules, 'summary')
    const { most = 20 } = options
    return this.parts().flatMap((part) => [
      `${part.name}: ${part.used} of ${part.total} used (${Math.round(percentOf(part) * 10) / 10} %)`,
      ...part.never.slice(0, most).map((text) => `  never: ${text}`),
      ...part.never.length > most ? [`  … and ${part.never.length - most} more`] : [],
    ])
  }

  /** For editors: the lines that are known, as lcov's tracefiles have them. */
  lcov(): string {
    const files = new Map<string, Map<number, number>>()
    for (const { file, line, hits } of this.#sources.flatMap((source) => source.lines?.() ?? [])) {
      const own = files.get(file) ?? new Map<number, number>()
      files.set(file, own.set(line, (own.get(line) ?? 0) + hits))
    }
    return Array.from(files, ([file, own]) => {
      const hit = [...own.values()].filter((hits) => hits > 0).length
      const data = [...own].sort(([a], [b]) => a - b).map(([line, hits]) => `DA:${line},${hits}\n`)
      return `TN:\nSF:${file}\n${data.join('')}LF:${own.size}\nLH:${hit}\nend_of_record\n`
    }).join('')
  }

  /** Throws TestkitError (`uncovered`) with the summary when less than that percentage was used. */
  check(failUnder: number): void {
    if (this.percent() >= failUnder) return
    const text = `less than ${failUnder} % of the rules were used`
    throw new TestkitError('uncovered', [text, ...this.summary()])
  }
}

const percentOf = ({ total, used }: Pick<CoveragePart, 'total' | 'used'>): number =>
  (total === 0 ? 100 : (used / total) * 100)
