/** Keeps the latest result of each bench as one JSON document, and writes BENCHMARKS.md and its pictures from it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem, type as system } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { BenchOptions } from '../harness/bench.ts'
import type { BenchResult } from '../harness/result.ts'
import { publishedTable, sections } from './sections.ts'

export interface KeptResult extends BenchResult {
  /** Of the run that gave it, as `' --quick'`. */
  readonly flags: string
  /** Where it ran: processors, memory, system. */
  readonly machine: string
}

const root = new URL('../../../', import.meta.url)
const path = (name: string): string => fileURLToPath(new URL(name, root))
const folder = path('docs/benchmarks/')
const document = `${folder}benchmarks.json`

const machine = (cpu: string): string =>
  `${cpu}, ${cpus().length} processors, ${Math.round(totalmem() / 2 ** 30)} GiB, ${system()}`

const head = (results: readonly KeptResult[]): string => {
  const targets = results.flatMap((result) => result.targets)
  const met = targets.filter(({ ok }) => ok).length
  return `# Benchmarks

Written by \`npm run -s bench -- all\`, part by part also by \`npm run -s bench -- NAME --write\`: do not edit.
Measured on: ${[...new Set(results.map((result) => result.machine))].join('; ')}.
${met} of ${targets.length} targets are met. Those that are missed are printed like the others.

In 2020 the kernel's security people were asked what a hook costs, and what BPF costs while nobody uses it. Later
publications give percentages of whole benchmarks:

${publishedTable()}

The tables below are ours: one hook call, and whole system calls of a booted kernel. Compare ratios. Times depend on the
machine, so each run times a loop of known work beside them. Cells that are compared take turns.

V8 makes other code of the same program in each process, so processes are the samples: a figure is the median of their
medians. From six processes on the interval holds it with 95 % confidence. Fewer have their range, and one the interval
of its passes, which says nothing of another process. A target is met when the median is within 2 % of what is asked,
and the better end of the interval within it.
`
}

export const keptResults = (): readonly KeptResult[] =>
  existsSync(document) ? JSON.parse(readFileSync(document, 'utf8')) as KeptResult[] : []

/** The kept results with `result` in the place of an earlier one of its bench, in the order of the sections. */
export const withResult = (kept: readonly KeptResult[], result: KeptResult): KeptResult[] =>
  sections.flatMap(({ bench }) =>
    bench === result.bench ? [result] : kept.filter((earlier) => earlier.bench === bench))

/** The text of BENCHMARKS.md, and its pictures by name. */
export const report = (results: readonly KeptResult[]): { text: string; pictures: Record<string, string> } => {
  const pictures: Record<string, string> = {}
  const parts = sections.flatMap(({ title, bench, write }) => {
    const result = results.find((one) => one.bench === bench)
    if (result === undefined) return []
    const section = write(result)
    Object.assign(pictures, section.pictures)
    const command = `npm run -s bench -- ${bench}${result.flags}`
    return [`## ${title}\n\n\`${command}\`, Node ${result.node}\n\n${section.text}\n`]
  })
  return { text: [head(results), ...parts].join('\n'), pictures }
}

export const flagsOf = ({ quick, full }: Pick<BenchOptions, 'quick' | 'full'>): string =>
  full ? ' --full' : quick ? ' --quick' : ''

/** Keeps a result and writes the report again. Answers where the report is. */
export const writeReport = (result: BenchResult, options: Pick<BenchOptions, 'quick' | 'full'>): string => {
  const results = withResult(keptResults(), { ...result, flags: flagsOf(options), machine: machine(result.cpu) })
  const { text, pictures } = report(results)
  mkdirSync(folder, { recursive: true })
  for (const [name, svg] of Object.entries(pictures)) writeFileSync(`${folder}${name}.svg`, `${svg}\n`)
  writeFileSync(path('BENCHMARKS.md'), text)
  writeFileSync(document, `${JSON.stringify(results, null, 1)}\n`)
  return path('BENCHMARKS.md')
}
