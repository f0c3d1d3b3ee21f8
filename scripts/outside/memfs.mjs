#!/usr/bin/env node
/**
 * memfs' own tests on `@lsmkit/node`.
 *
 *   node scripts/outside/memfs.mjs FOLDER
 *
 * FOLDER: memfs' repository with its dependencies installed (`yarn install`), since its packages on npm have no tests.
 * It fetches nothing and writes nothing there. The tests run under this clone's vitest, first on memfs and then with
 * `Volume` over the `fs` of a task. Tests that look into `Volume` (`Link`, `Node`, `vol.root`) cannot pass. The last
 * line is `N of M passed`; M is what passes on memfs.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const [given] = process.argv.slice(2)
if (given === undefined) {
  console.error('usage: node scripts/outside/memfs.mjs FOLDER')
  process.exit(2)
}
const root = fileURLToPath(new URL('../..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'lsmkit-memfs-'))

/** Titles of tests by whether they passed, with the first line of their errors. */
const run = (on) => {
  const out = join(scratch, `${on}.json`)
  const { stderr } = spawnSync(process.execPath, [
    join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config',
    join(root, 'scripts/outside/memfs/vitest.config.mjs'), '--reporter=json', `--outputFile=${out}`,
  ], {
    cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28, timeout: 900_000,
    // in CI snapshots are compared, and none is written
    env: { ...process.env, CI: '1', OUTSIDE_ON: on, OUTSIDE_FOLDER: resolve(given) },
  })
  try {
    const { testResults } = JSON.parse(readFileSync(out, 'utf8'))
    return new Map(testResults.flatMap(({ name, assertionResults }) => assertionResults.map((one) =>
      [`${name.slice(resolve(given).length + 1)} ${one.fullName}`,
        one.status === 'passed' ? null : one.failureMessages?.[0]?.split('\n')[0] ?? one.status])))
  } catch {
    throw new Error(`the tests did not end:\n${stderr.slice(-2000)}`)
  }
}

const host = run('memfs')
const ours = run('task')
rmSync(scratch, { recursive: true, force: true })
const all = [...host].filter(([, failure]) => failure === null).map(([title]) => title)
const failed = all.filter((title) => ours.get(title) !== null)
for (const title of failed) console.log(`FAILED ${title}\n  ${ours.get(title) ?? 'did not run'}`)
console.log(`${all.length - failed.length} of ${all.length} passed`)
process.exit(failed.length === 0 ? 0 : 1)
