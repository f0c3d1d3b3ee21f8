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
 * exit code and its streams. Those of WASI 0.3 may be described by operations: `run`, `write`, `read` and `wait` are
 * done, and programs with others (peers of HTTP and of sockets) are left out and counted. The last line is
 * `N of M passed`.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
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
if (values.lsm === undefined && !process.features.typescript) {
  console.error(
    'this Node does not run the sources: give `--lsm COMMAND`, or put `node scripts/run.mjs exec` before `node`')
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

/** A test of the suite: how its program runs, what it gets, and what is expected of it. */
const testOf = (file) => {
  const said = file.replace(/\.wasm$/, '.json')
  // some of the suite's files have a comma too many
  const spec = existsSync(said) ? JSON.parse(readFileSync(said, 'utf8').replace(/,(\s*[}\]])/g, '$1')) : {}
  const { operations } = spec
  if (operations === undefined) {
    const { protocol, proposals = [], exit_code = 0, stdout, stderr } = spec
    const other = protocol === undefined ? proposals : ['protocol']
    return { other, run: spec, input: '', exit: exit_code, wholly: { stdout, stderr }, reads: {} }
  }
  const of = (type) => operations.filter((one) => one.type === type)
  const texts = (type, id) => of(type).filter((one) => one.id === id).map(({ payload }) => payload).join('')
  const known = ['run', 'write', 'read', 'wait']
  return {
    other: [...spec.proposals ?? [], ...operations.map(({ type }) => type).filter((type) => !known.includes(type))],
    run: of('run')[0] ?? {}, input: texts('write', 'stdin'), exit: of('wait')[0]?.exit_code ?? 0, wholly: {},
    reads: { stdout: texts('read', 'stdout'), stderr: texts('read', 'stderr') },
  }
}

/** Null if the program passes. */
const failureOf = (file, { run: { args = [], dirs = [], root, env = {} }, input, exit, wholly, reads }) => {
  const scratch = mkdtempSync(join(tmpdir(), 'wasi-testsuite-'))
  // the kernel's tree has names from its root
  const named = args.map((arg) => (dirs.includes(arg) ? `/${arg}` : arg))
  const options = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  const mounts = mountsOf(dirname(file), { dirs, root }, scratch)
  const line = [...lsm, 'run', '--quiet', ...options, ...mounts, file, ...named]
  const ended = spawnSync(line[0], line.slice(1), { encoding: 'utf8', input, timeout: 120_000 })
  rmSync(scratch, { recursive: true, force: true })
  const { status, signal, stderr } = ended
  if (status !== exit) return `exit ${status ?? signal}, not ${exit}: ${stderr.trim().slice(0, 500)}`
  for (const name of ['stdout', 'stderr']) {
    const [text, whole] = [ended[name], wholly[name]]
    if (whole === undefined ? text.startsWith(reads[name] ?? '') : text === whole) continue
    return `${name} is ${JSON.stringify(text.slice(0, 200))}`
  }
  return null
}

const tests = readdirSync(folder, { recursive: true }).toSorted()
  .filter((path) => path.endsWith('.wasm') && words.every((word) => path.includes(word)))
  .map((path) => [path, testOf(join(folder, path))])
const here = tests.filter(([, { other }]) => other.length === 0)
let passed = 0
for (const [path, test] of here) {
  const failure = failureOf(join(folder, path), test)
  if (failure === null) passed++
  else console.log(`FAILED ${basename(path, '.wasm')}\n  ${failure}`)
}
for (const [path, { other }] of tests) {
  if (other.length > 0) console.log(`left out: ${basename(path, '.wasm')} (${[...new Set(other)].join(', ')})`)
}
console.log(`${passed} of ${here.length} passed`)
process.exit(here.length > 0 && passed === here.length ? 0 : 1)
