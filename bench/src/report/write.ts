/** Writes BENCHMARKS.md, its pictures, and the results as one JSON document. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem, type as system } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { BenchResult } from '../harness/result.ts'
import { publishedTable, sections } from './sections.ts'

const root = new URL('../../../', import.meta.url)
const path = (name: string): string => fileURLToPath(new URL(name, root))

const head = (results: readonly BenchResult[], flags: string): string => {
  const targets = results.flatMap((result) => result.targets)
  const met = targets.filter(({ ok }) => ok).length
  const memory = Math.round(totalmem() / 2 ** 30)
  return `# Benchmarks

Written by \`npm run -s bench -- all${flags}\`: do not edit.
${results[0]!.cpu}, ${cpus().length} processors, ${memory} GiB, ${system()}, Node ${results[0]!.node}.
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

/** Answers where it wrote. */
export const writeReport = (results: readonly BenchResult[], flags: string): string => {
  const folder = path('docs/benchmarks/')
  mkdirSync(folder, { recursive: true })
  const parts = sections.flatMap(({ title, bench, write }) => {
    const result = results.find((one) => one.bench === bench)
    if (result === undefined) return []
    const { text, pictures } = write(result)
    for (const [name, svg] of Object.entries(pictures)) writeFileSync(`${folder}${name}.svg`, `${svg}\n`)
    return [`## ${title}\n\n    npm run -s bench -- ${bench}${flags}\n\n${text}\n`]
  })
  writeFileSync(path('BENCHMARKS.md'), [head(results, flags), ...parts].join('\n'))
  writeFileSync(`${folder}benchmarks.json`, `${JSON.stringify(results, null, 1)}\n`)
  return path('BENCHMARKS.md')
}
