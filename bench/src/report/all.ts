/** All benches one after another. Each result goes to BENCHMARKS.md as it comes. */
import type { Bench, BenchEntry, BenchOptions } from '../harness/bench.ts'
import { benchResult } from '../harness/result.ts'
import type { BenchResult } from '../harness/result.ts'
import { writeReport } from './write.ts'

/** `entries` are the benches to run, by name; those that take long are left to `--full`. */
export const all = (entries: Readonly<Record<string, BenchEntry>>): Bench =>
  async (options: BenchOptions) => {
    const { full, progress } = options
    const results: BenchResult[] = []
    for (const [name, { load, long }] of Object.entries(entries)) {
      if (long && !full) continue
      progress(`== ${name}`)
      const result = await (await load())({ ...options, quick: !full })
      results.push(result)
      progress(`written: ${writeReport(result, { quick: !full, full })}`)
    }
    const named = <T extends { readonly name: string }>(bench: string, items: readonly T[]): T[] =>
      items.map((item) => ({ ...item, name: `${bench}: ${item.name}` }))
    return benchResult(
      'all',
      results.flatMap(({ bench, cells }) => named(bench, cells)),
      results.flatMap(({ bench, targets }) => named(bench, targets)),
    )
  }
