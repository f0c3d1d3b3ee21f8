#!/usr/bin/env node
/**
 * Tests that are programs of their own, on `@lsmkit/node`: those of Node and of graceful-fs.
 *
 *   node scripts/outside/each-file.mjs FOLDER PATTERN
 *   node scripts/outside/each-file.mjs ./node 'test/parallel/test-fs-*.js'
 *   node scripts/outside/each-file.mjs ./graceful-fs 'test/*.js'
 *
 * FOLDER: the repository, with its dependencies installed. It fetches nothing. Each file is run on node:fs and then on
 * a task. The last line is `N of M passed`; M counts the files that pass on node:fs of this Node.
 */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const [given, pattern] = process.argv.slice(2)
if (pattern === undefined) {
  console.error('usage: node scripts/outside/each-file.mjs FOLDER PATTERN')
  process.exit(2)
}
const folder = resolve(given)
const own = (name) => fileURLToPath(new URL(name, import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'lsmkit-outside-'))

/** The last lines of what a failing file says; null if it passes. */
const run = (file, preload) => {
  const { status, stderr, signal } = spawnSync(process.execPath, [...preload, '--expose-gc', file], {
    cwd: folder, encoding: 'utf8', timeout: 30_000,
    env: {
      ...process.env, OUTSIDE_FOLDER: folder, NODE_TEST_KNOWN_GLOBALS: '0', NODE_SKIP_FLAG_CHECK: '1',
      NODE_TEST_DIR: preload.length > 0 ? '/tmp' : scratch },
  })
  if (status === 0) return null
  const line = stderr.split('\n').find((one) => /^\s*(\w*Error|code:)/.test(one)) ?? stderr.trim().split('\n').at(-1)
  return signal ?? line
}

const ours = ['--conditions=lsmkit:source', '--import', own('on-task-fs.mjs')]
let [all, passed] = [0, 0]
for (const file of globSync(pattern, { cwd: folder }).toSorted()) {
  if (run(file, []) !== null) continue
  all++
  const failure = run(file, ours)
  if (failure === null) passed++
  else console.log(`FAILED ${file}\n  ${failure}`)
}
rmSync(scratch, { recursive: true, force: true })
console.log(`${passed} of ${all} passed`)
process.exit(passed === all ? 0 : 1)
