#!/usr/bin/env node
/**
 * Tests that are programs of their own, on `@lsmkit/node`: those of Node and of graceful-fs.
 *
 *   node scripts/outside/each-file.mjs FOLDER PATTERN
 *   node scripts/outside/each-file.mjs ./node 'test/parallel/test-fs-*.js'
 *   node scripts/outside/each-file.mjs ./graceful-fs 'test/*.js'
 *
 * PATTERN: a path in FOLDER; `*` in its last name stands for any text.
 * With LSMKIT_PACKAGES=DIR the packages that are installed in DIR are tested, else the sources of this clone.
 *
 * FOLDER: the repository, with its dependencies installed. It fetches nothing. Each file is run on node:fs and then on
 * a task. The last line is `N of M passed`; M counts the files that pass on node:fs of this Node.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { onTaskFs } from './preload.mjs'

const warns = 'expects a warning about an old use, which this fs does not print'
const internal = 'asks for `_toUnixTimestamp`, which is not public'
const own = 'hands functions of its own to a stream, which is refused'
const order = 'makes two mistakes at once, and expects the other one to be reported'
/** Files that may fail, and why. One that passes although it is here is reported. */
const expected = new Map(Object.entries({
  'append-file-flush': 'replaces `fs.fsyncSync`, and expects Node to call it',
  'fchmod': order, 'fchown': order, 'readSync-optional-params': order,
  'filehandle-use-after-close': 'opens the program of Node, which is a file of the host',
  'write-file-flush': 'as append-file-flush', 'write-stream-fs': own,
  'watchfile': 'calls `new Stats` with fourteen numbers, which Node deprecates',
  'write-stream-patch-open': 'its child writes to a folder that its parent made in memory',
  'mkdtemp': warns, 'promises-file-handle-close': warns, 'rmdir-recursive-sync-warns-not-found': warns,
  'rmdir-recursive-sync-warns-on-file': warns, 'rmdir-recursive-warns-not-found': warns,
  'rmdir-recursive-warns-on-file': warns,
  'promises-file-handle-read-worker': 'gives a handle to a worker',
  'read': '`new Dir()` is another error',
  'read-stream': own, 'read-stream-file-handle': own, 'stream-fs-options': own,
  'readdir-recursive': 'expects links to directories to be followed',
  'readfile-pipe-large': 'its child reads /dev/stdin of the host', 'readfilesync-pipe-large': 'as readfile-pipe-large',
  'syncwritestream': 'its child writes to a file of the host',
  'timestamp-parsing-error': internal, 'utimes': internal,
}).map(([name, why]) => [`test/parallel/test-fs-${name}.js`, why]))

const [given, pattern] = process.argv.slice(2)
if (pattern === undefined) {
  console.error('usage: node scripts/outside/each-file.mjs FOLDER PATTERN')
  process.exit(2)
}
const folder = resolve(given)
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

// `globSync` of Node is not in Node 20
const name = new RegExp(`^${basename(pattern).replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll('*', '.*')}$`)
const files = readdirSync(join(folder, dirname(pattern))).filter((one) => name.test(one)).toSorted()
  .map((one) => join(dirname(pattern), one))
let [all, passed, surprises] = [0, 0, 0]
for (const file of files) {
  if (run(file, []) !== null) continue
  all++
  const failure = run(file, onTaskFs)
  if (failure === null) passed++
  const why = expected.get(file)
  if (failure !== null) console.log(`FAILED ${file}\n  ${why ?? failure}`)
  if ((failure === null) === (why === undefined)) continue
  surprises++
  if (failure === null) console.log(`PASSED ${file}, which is expected to fail: ${why}`)
}
rmSync(scratch, { recursive: true, force: true })
console.log(`${passed} of ${all} passed`)
process.exit(surprises === 0 ? 0 : 1)
