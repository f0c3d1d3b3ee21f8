#!/usr/bin/env node
/**
 * The programs of the wasi-testsuite by `lsm run`, on folders of the host.
 *
 *   node scripts/outside/wasi-testsuite.mjs FOLDER [--lsm COMMAND] [WORD…]
 *   node scripts/outside/wasi-testsuite.mjs ./wasi-testsuite
 *   node scripts/outside/wasi-testsuite.mjs ./wasi-testsuite --lsm 'npx lsm' fd_
 *
 * FOLDER: WebAssembly/wasi-testsuite at its branch `prod/testsuite-base`, which has the programs compiled. It fetches
 * nothing. COMMAND is an installed `lsm`; without it the sources of this repository run. WORD: only programs with it in
 * their path. Each program gets copies of its folders, and is judged as doc/specification.md of the suite says: by its
 * exit code, stdout and stderr. Programs of WASI 0.3 are left out. The last line is `N of M passed`.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values, positionals: [given, ...words] } = parseArgs({
  allowPositionals: true, options: { lsm: { type: 'string' } },
})
if (given === undefined) {
  console.error('usage: node scripts/outside/wasi-testsuite.mjs FOLDER [--lsm COMMAND] [WORD…]')
  process.exit(2)
}
const folder = resolve(given)
const source = fileURLToPath(new URL('../../packages/cli/src/lsm.ts', import.meta.url))
const lsm = values.lsm?.split(' ') ?? [process.execPath, '--conditions=lsmkit:source', '--no-warnings', source]

/** Copies of the folders of a program in `scratch`, and what `lsm run` is given for them. */
const mountsOf = (here, { root, dirs = [] }, scratch) => {
  const mount = (name, target) => {
    const copy = join(scratch, String(target === '/' ? 'root' : name))
    mkdirSync(copy, { recursive: true })
    if (existsSync(join(here, name))) cpSync(join(here, name), copy, { recursive: true, verbatimSymlinks: true })
    return ['--mount', `${copy}:${target}:rw`]
  }
  return [...root === undefined ? [] : mount(root, '/'), ...dirs.flatMap((name) => mount(name, `/${name}`))]
}

/** Null if the program passes. */
const failureOf = (program) => {
  const file = join(folder, program)
  const said = file.replace(/\.wasm$/, '.json')
  const spec = existsSync(said) ? JSON.parse(readFileSync(said, 'utf8')) : {}
  const { args = [], dirs = [], env = {}, exit_code = 0 } = spec
  const scratch = mkdtempSync(join(tmpdir(), 'wasi-testsuite-'))
  // the kernel's tree has names from its root
  const named = args.map((arg) => (dirs.includes(arg) ? `/${arg}` : arg))
  const options = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  const line = [...lsm, 'run', '--quiet', ...options, ...mountsOf(dirname(file), spec, scratch), file, ...named]
  const { status, signal, stdout, stderr } = spawnSync(line[0], line.slice(1), {
    encoding: 'utf8', input: '', timeout: 120_000,
  })
  rmSync(scratch, { recursive: true, force: true })
  if (status !== exit_code) return `exit ${status ?? signal}, not ${exit_code}: ${stderr.trim().slice(0, 500)}`
  for (const [name, text] of Object.entries({ stdout, stderr })) {
    if (spec[name] !== undefined && spec[name] !== text) return `${name} is ${JSON.stringify(text.slice(0, 200))}`
  }
  return null
}

const programs = globSync('**/*.wasm', { cwd: folder }).toSorted()
  .filter((path) => !path.includes('wasip3') && words.every((word) => path.includes(word)))
let passed = 0
for (const program of programs) {
  const failure = failureOf(program)
  if (failure === null) passed++
  else console.log(`FAILED ${basename(program, '.wasm')}\n  ${failure}`)
}
console.log(`${passed} of ${programs.length} passed`)
process.exit(programs.length > 0 && passed === programs.length ? 0 : 1)
