/**
 * `npm run -s bench -- NAME [--quick] [--json] [--full] [--write] [--rival CMD]`: measures, prints, says whether
 * targets are met. `--write` renews the bench's part of BENCHMARKS.md.
 */
import { parseArgs } from 'node:util'
import { benches } from './benches.ts'
import { writePlot } from './harness/plot.ts'
import { printResult } from './harness/print.ts'
import { writeReport } from './report/write.ts'

const usage = (problem: string): number => {
  const lines = Object.entries(benches).map(([name, { question }]) => `  ${name.padEnd(14)} ${question}`)
  const line = 'usage: bench NAME [--quick] [--json] [--full] [--write] [--rival CMD]'
  process.stderr.write(`bench: ${problem}\n${line}\n${lines.join('\n')}\n`)
  return 2
}

const parse = () => {
  const flag = { type: 'boolean', default: false } as const
  const options = { quick: flag, json: flag, full: flag, write: flag, rival: { type: 'string' } } as const
  return parseArgs({ allowPositionals: true, options })
}

const main = async (): Promise<number> => {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse()
  } catch (error) {
    return usage((error as Error).message)
  }
  const { values, positionals: [name, ...rest] } = parsed
  if (name === undefined) return usage('no bench named')
  if (!Object.hasOwn(benches, name)) return usage(`unknown bench \`${name}\``)
  if (rest.length > 0) return usage(`unexpected \`${rest[0]}\``)
  if (values.quick && values.full) return usage('`--quick` and `--full` exclude each other')
  const bench = await benches[name]!.load()
  const result = await bench({
    quick: values.quick,
    full: values.full,
    rival: values.rival,
    progress: (line) => void process.stderr.write(`${line}\n`),
  })
  if (values.write && name !== 'all') process.stderr.write(`written: ${writeReport(result, values)}\n`)
  process.stderr.write(`plot: ${writePlot(result)}\n`)
  console.log(values.json ? JSON.stringify(result, null, 2) : printResult(result))
  return result.targets.every(({ ok }) => ok) ? 0 : 1
}

process.exitCode = await main()
