#!/usr/bin/env node
/**
 * fs-extra's own tests on `@lsmkit/node`.
 *
 *   node scripts/outside/fs-extra.mjs FOLDER
 *
 * With LSMKIT_PACKAGES=DIR the packages that are installed in DIR are tested, else the sources of this clone.
 *
 * FOLDER: fs-extra's repository with its dependencies installed (`npm install`), since the package has no tests. It
 * fetches nothing. The last line is `N of M passed`; M is what passes on node:fs of the same Node.
 */
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTaskFs } from './preload.mjs'

/** What may fail, and why. */
const expected = {}

const [given] = process.argv.slice(2)
if (given === undefined) {
  console.error('usage: node scripts/outside/fs-extra.mjs FOLDER')
  process.exit(2)
}
const folder = resolve(given)
const own = (name) => fileURLToPath(new URL(name, import.meta.url))

/** Titles of the tests that passed, and messages of those that failed. */
const run = (preload) => {
  const { stdout, stderr } = spawnSync(process.execPath, [...preload, own('mocha-run.mjs'), join(folder, 'lib')], {
    cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 28, timeout: 600_000,
    env: { ...process.env, OUTSIDE_FOLDER: folder, NODE_ENV: 'test' },
  })
  const line = stdout.split('\n').find((one) => one.startsWith('{"passed"'))
  if (line === undefined) throw new Error(`the tests did not end:\n${stderr.slice(-2000)}`)
  return JSON.parse(line)
}

const node = run([])
const ours = run(onTaskFs)
const passed = new Set(ours.passed)
const missing = node.passed.filter((title) => !passed.has(title))
const messages = new Map(ours.failed)
for (const title of missing) {
  console.log(`FAILED ${title}\n  ${expected[title] ?? messages.get(title) ?? 'did not run'}`)
}
console.log(`${node.passed.length - missing.length} of ${node.passed.length} passed`)
process.exit(missing.every((title) => title in expected) ? 0 : 1)
