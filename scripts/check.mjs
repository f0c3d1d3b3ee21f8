/**
 * `npm run check`: what to run before a commit. Types, lint and prose of everything, and the tests that a change
 * reaches in the packages it touches. `-- --base REF` compares with another commit than where the branch left main.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectOf } from './projects.mjs'
import { root, toolEnv } from './tools.mjs'

const { values } = parseArgs({ options: { base: { type: 'string' } } })

const git = (...args) => {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
  return status === 0 ? stdout.split('\n').filter((line) => line !== '') : null
}

/** Where this branch left the main one; HEAD where there is none. */
const baseOf = (given) => {
  for (const name of given === undefined ? ['origin/main', 'main'] : [given]) {
    const [commit] = git('merge-base', 'HEAD', name) ?? []
    if (commit !== undefined) return commit
  }
  if (given === undefined) return 'HEAD'
  process.stderr.write(`\`${given}\` is not a commit that this branch comes from\n`)
  process.exit(2)
}

const base = baseOf(values.base)
const changed = [['diff', '--name-only', base], ['ls-files', '--others', '--exclude-standard']]
  .flatMap((args) => git(...args) ?? [])
  .filter((file) => existsSync(join(root, file)))

const started = performance.now()
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/** One check; what it prints is shown when it fails. */
const run = (name, command, ...args) => new Promise((resolve) => {
  const since = performance.now()
  const child = spawn(command, args, { cwd: root, env: toolEnv(), stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part))
  child.on('error', (error) => (text += error.message))
  child.on('close', (code) => {
    if (code !== 0) process.stdout.write(text)
    process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds(since)})\n`)
    resolve(code === 0)
  })
})

/** A change of more projects than these is one for all tests. */
const MOST_PROJECTS = 4

/** Tests that import what has changed, in the projects where it lies; a sentence where none are run. */
const testsOf = () => {
  const sources = changed.filter((file) => /\.m?[jt]sx?$/.test(file) && projectOf(file) !== null)
  const touched = [...new Set(sources.map(projectOf))].sort()
  if (touched.length === 0) return 'no source of a project has changed'
  if (touched.length > MOST_PROJECTS) return `${touched.length} projects have changed: \`npm test\` runs their tests`
  const workers = `--maxWorkers=${Math.max(1, availableParallelism() - 1)}`
  return {
    name: `tests of ${touched.join(', ')}`,
    line: ['vitest', 'related', ...sources, '--run', workers, ...touched.flatMap((name) => ['--project', name])],
  }
}

const tests = testsOf()
const checks = [
  run('lint', 'oxlint', '--format=unix'),
  run('types', 'node', join(root, 'scripts/types.mjs'), '--incremental'),
  run('plain English', 'node', '--conditions=lsmkit:source', join(root, 'scripts/prose/main.ts')),
]
const passed = await Promise.all(checks)
if (typeof tests === 'string') process.stdout.write(`${tests}\n`)
else passed.push(await run(tests.name, ...tests.line))

const failed = passed.filter((ok) => !ok).length
process.stdout.write(`since ${base.slice(0, 10)}, in ${seconds(started)}\n`)
process.stdout.write(`${passed.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
