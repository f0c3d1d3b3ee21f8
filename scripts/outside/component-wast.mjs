#!/usr/bin/env node
/**
 * The component model's own tests (`*.wast`) on the components of `@lsmkit/wasi`.
 *
 *   node scripts/outside/component-wast.mjs FOLDER [--failures N] [WORD…]
 *   node scripts/outside/component-wast.mjs ./component-model/test
 *
 * FOLDER: one with tests in the text format: `test` of WebAssembly/component-model, `tests/cli/component-model` of
 * wasm-tools, `tests/misc_testsuite/component-model` of wasmtime. It fetches nothing; this repository's dependencies
 * are installed, since the text is read by the wasm-tools in one of them. WORD: only files with it in their path.
 *
 * Each directive counts as one test, and so does each component by itself. Up to N failures of a file are printed (5),
 * with a reason. Files run in processes of their own, of 60 seconds. The last line is `N of M passed`.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values, positionals: [given, ...words] } = parseArgs({
  allowPositionals: true, options: { failures: { type: 'string', default: '5' } },
})
if (given === undefined) {
  console.error('usage: node scripts/outside/component-wast.mjs FOLDER [--failures N] [WORD…]')
  process.exit(2)
}
const folder = resolve(given)
const runner = fileURLToPath(new URL('../../packages/wasi/test/wast/main.ts', import.meta.url))

const resultOf = (file) => {
  const { stdout, stderr, signal } = spawnSync(
    process.execPath, ['--conditions=lsmkit:source', '--no-warnings', runner, join(folder, file)],
    { encoding: 'utf8', timeout: 60_000, maxBuffer: 2 ** 28 },
  )
  const line = stdout.split('\n').find((one) => one.startsWith('{"passed"'))
  if (line !== undefined) return JSON.parse(line)
  return { passed: 0, failed: [`the file did not end: ${signal ?? stderr.trim().split('\n').at(-1)}`] }
}

const files = readdirSync(folder, { recursive: true }).toSorted()
  .filter((path) => path.endsWith('.wast') && words.every((word) => path.includes(word)))
const total = { passed: 0, all: 0 }
for (const file of files) {
  const { passed, failed } = resultOf(file)
  total.passed += passed
  total.all += passed + failed.length
  console.log(`${failed.length === 0 ? 'ok' : 'FAILED'} ${file}: ${passed} of ${passed + failed.length}`)
  for (const reason of failed.slice(0, Number(values.failures))) console.log(`  ${reason}`)
}
console.log(`${total.passed} of ${total.all} passed`)
process.exit(total.all > 0 && total.passed === total.all ? 0 : 1)
