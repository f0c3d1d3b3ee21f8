/**
 * `npm run -s fuzz -- NAME|all [--seconds N] [--seed S] [--jobs N] [--input N | --replay]`: runs the standing fuzzers.
 * Exit code 0: nothing found; 1: something; 2: usage. A long run says on stderr what it has done; SIGINT and SIGTERM
 * end it with the figures.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { corpusOf } from './frame/corpus.ts'
import { fuzzerLine, findingText, sumLine } from './frame/report.ts'
import { runFuzzer } from './frame/run-fuzzer.ts'
import type { Finding, FuzzResult } from './frame/run-fuzzer.ts'
import { fuzzers } from './fuzzers.ts'

const TABLE = new URL('./fuzzers.ts', import.meta.url).href
const ROOT = join(import.meta.dirname, '../..')
const OUT = join(import.meta.dirname, '../out')
/** Findings of one fuzzer that are printed. */
const SHOWN = 20
const LINE = 'usage: fuzz NAME|all [--seconds N] [--seed S] [--jobs N] [--input N | --replay]'

class UsageError extends Error {}

interface Plan {
  readonly names: readonly string[]
  readonly seconds: number
  readonly seed: number
  readonly jobs: number
  /** The one input to try; null for as many as there is time for. */
  readonly input: number | null
  readonly replay: boolean
}

const number = (option: string, text: string | undefined, otherwise: number): number => {
  if (text === undefined) return otherwise
  if (!/^\d{1,10}$/.test(text)) throw new UsageError(`\`${option}\` takes a number, not \`${text}\``)
  return Number(text)
}

const parse = () => {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const options = { seconds: text, seed: text, jobs: text, input: text, replay: flag } as const
  try {
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

const planOf = (): Plan => {
  const { values, positionals: [name, ...rest] } = parse()
  if (name === undefined) throw new UsageError('no fuzzer named')
  if (name !== 'all' && !Object.hasOwn(fuzzers, name)) throw new UsageError(`unknown fuzzer \`${name}\``)
  if (rest.length > 0) throw new UsageError(`unexpected \`${rest[0]}\``)
  if (values.replay && values.input !== undefined) throw new UsageError('`--input` and `--replay` exclude each other')
  if (values.input !== undefined && (name === 'all' || values.seed === undefined)) {
    throw new UsageError('`--input` goes with the name of a fuzzer and `--seed`')
  }
  const seed = number('--seed', values.seed, Date.now() % 0x1_0000_0000)
  return {
    names: name === 'all' ? Object.keys(fuzzers) : [name],
    seconds: number('--seconds', values.seconds, name === 'all' ? 60 : 10),
    seed: seed >>> 0,
    jobs: Math.max(number('--jobs', values.jobs, 1), 1),
    input: values.input === undefined ? null : number('--input', values.input, 0),
    replay: values.replay,
  }
}

const usage = (problem: string): number => {
  const lines = Object.entries(fuzzers).map(([name, { does }]) => `  ${name.padEnd(16)} ${does}`)
  process.stderr.write(`fuzz: ${problem}\n${LINE}\n${lines.join('\n')}\n`)
  return 2
}

const shown = (path: string): string => relative(ROOT, path)

/** Keeps the input beside the sources, from where it goes into the corpus. */
const kept = (name: string, seed: number, { number: n, input }: Finding): string | null => {
  if (input === null) return null
  const path = join(OUT, name, `${seed}-${n}`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, input)
  return shown(path)
}

/** Somebody has asked to end; who asks again is not waited for. */
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

const run = (name: string, plan: Plan): Promise<FuzzResult> => {
  const seconds = plan.seconds * plan.jobs / plan.names.length
  const soFar = (result: FuzzResult): void => void process.stderr.write(`so far: ${fuzzerLine(result)}\n`)
  const base = { table: TABLE, name, seed: plan.seed, seconds, soFar, stop: stop.signal }
  if (plan.replay) return runFuzzer({ ...base, files: corpusOf(name) })
  if (plan.input === null) return runFuzzer(base)
  return runFuzzer({ ...base, first: plan.input, inputs: 1, keep: join(OUT, name, `${plan.seed}-${plan.input}`) })
}

const tell = (result: FuzzResult, { seed, replay }: Plan): void => {
  const { name, findings } = result
  console.log(fuzzerLine(result))
  for (const finding of findings.slice(0, SHOWN)) {
    const again = replay ? shown(corpusOf(name)[finding.number]!)
      : `npm run -s fuzz -- ${name} --seed ${seed} --input ${finding.number}`
    console.log(findingText(finding, again, replay ? null : kept(name, seed, finding)))
  }
  if (findings.length > SHOWN) console.log(`  and ${findings.length - SHOWN} more`)
}

const main = async (): Promise<number> => {
  const plan = planOf()
  const begun = performance.now()
  const waiting = [...plan.names]
  const results: FuzzResult[] = []
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined && !stop.signal.aborted; name = waiting.shift()) {
      const result = await run(name, plan)
      results.push(result)
      tell(result, plan)
    }
  }
  await Promise.all(Array.from({ length: plan.jobs }, work))
  console.log(sumLine(results, plan.seed, (performance.now() - begun) / 1000))
  return results.every(({ findings }) => findings.length === 0) ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.exitCode = usage(error.message)
}
