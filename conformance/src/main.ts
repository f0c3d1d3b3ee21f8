/** `npm run -s conform -- SUITE [OPTIONS] FILE…`: replays an oracle table through the real engines. */
import { ownValue } from '@lsmkit/abi'
import { parseArgs } from 'node:util'
import { readInput } from './input.ts'
import { report } from './report.ts'
import { UsageError } from './suite.ts'
import type { Suite } from './suite.ts'
import { suites } from './suites/index.ts'

const usage = () => {
  const lines = Object.entries(suites).map(
    ([name, { files, compares }]) => `  ${name.padEnd(18)} ${files}: ${compares}`,
  )
  return `usage: conform SUITE [OPTIONS] FILE…\n${lines.join('\n')}`
}

/** `--kernel` is an option of suites whose tables come from several kernels. */
const refuseKernel = (name: string, suite: Suite, args: readonly string[]): void => {
  if (suite.options?.includes('kernel') || !args.some((arg) => /^--kernel(?:=|$)/.test(arg))) return
  throw new UsageError(`\`${name}\` has no tables by kernel release, so it takes no --kernel`)
}

const parse = (suite: Suite, args: string[]) => {
  const single = (suite.options ?? []).map((name) => [name, { type: 'string' as const }] as const)
  const many = (suite.many ?? []).map((name) => [name, { type: 'string' as const, multiple: true }] as const)
  const lists = Object.entries(suite.lists ?? {}).map(([name, short]) => (
    [name, { type: 'string' as const, short, multiple: true }] as const
  ))
  try {
    const { values, positionals } = parseArgs({
      args, options: Object.fromEntries([...single, ...many, ...lists]), allowPositionals: true,
    })
    const joined = Object.entries(values).map(([name, value]) =>
      [name, Array.isArray(value) ? value.join(suite.many?.includes(name) ? '\n' : ':') : value])
    return { values: Object.fromEntries(joined) as Record<string, string>, positionals }
  } catch (error) {
    const names = [...(suite.options ?? []), ...(suite.many ?? []), ...Object.keys(suite.lists ?? {})]
    throw new UsageError((error as Error).message, `options: ${names.map((o) => `--${o}`).join(' ') || 'none'}`)
  }
}

const main = async ([name, ...args]: string[]): Promise<number> => {
  const load = Object.hasOwn(suites, name ?? '') ? ownValue(suites, name!)!.load : null
  if (load === null) throw new UsageError(name === undefined ? 'no suite named' : `unknown suite \`${name}\``, usage())
  const suite = await load()
  refuseKernel(name!, suite, args)
  const { values, positionals } = parse(suite, args)
  if (positionals.length === 0) throw new UsageError(`\`${name}\` needs a file`, usage())
  const inputs = suite.readsFiles === false ? [] : await Promise.all(positionals.map(readInput))
  return report(suite, suite.run(inputs, values, positionals))
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`conform: ${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`)
  process.exitCode = 2
}
