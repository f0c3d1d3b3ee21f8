#!/usr/bin/env node
/**
 * just-bash's own tests of its file systems on `KernelFs` of `@lsmkit/just-bash`.
 *
 *   npm run -s exec -- node scripts/outside/just-bash-fs.mjs FOLDER
 *
 * FOLDER: just-bash's repository, since its package on npm has no tests; only its `*.test.ts` are used. It fetches
 * nothing and writes nothing there. The tests run under this clone's vitest, first on the just-bash that is installed
 * here and then on file systems of a kernel: memory, a folder of the host, an overlay on one. The last line is
 * `N of M passed`; M is what passes on just-bash.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const absolute = 'a link is text: one that begins with `/` leads to that name in the tree of the kernel'
const shown = 'the target of a link is content of the folder, and is shown unchanged'
const through = 'writing to a link writes to what it leads to, as on Linux'
const option = 'is about an option of their constructor'
/** Tests that may fail, by a part of their name, and why. */
const expected = {
  'follows two-hop chain that stays inside sandbox': absolute,
  'readdir through symlink to internal dir works': absolute,
  'blocks reading oversized file through internal symlink': absolute,
  'allows read when chain leaves and re-enters': absolute,
  'does not expose real path for absolute outside symlink': shown,
  'sanitises relative target that escapes root': shown,
  'cp from escape symlink fails': 'a link is copied as a link, and what is outside stays out of reach',
  'should overwrite symlink with file': through,
  'writing a file over real-fs escape symlink': through,
  'unshadow attack': through,
  'should copy lazy files via cp': 'cp reads what it copies',
  'removes the old child link when moving its parent directory': 'a directory that is not empty is not replaced',
  'should preserve special mode bits': 'set-id bits cannot be made in a folder of the host',
  'rejects non-absolute mount point': option,
  'should throw for non-existent root': option,
}

const [given] = process.argv.slice(2)
if (given === undefined) {
  console.error('usage: node scripts/outside/just-bash-fs.mjs FOLDER')
  process.exit(2)
}
const root = fileURLToPath(new URL('../..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'lsmkit-just-bash-'))

/** Titles of tests by whether they passed, with the first line of their errors. */
const run = (on) => {
  const out = join(scratch, `${on}.json`)
  const { stderr } = spawnSync(process.execPath, [
    join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config',
    join(root, 'scripts/outside/just-bash-fs/vitest.config.mjs'), '--reporter=json', `--outputFile=${out}`,
  ], {
    cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28, timeout: 900_000,
    env: { ...process.env, CI: '1', OUTSIDE_ON: on, OUTSIDE_FOLDER: resolve(given) },
  })
  try {
    const { testResults } = JSON.parse(readFileSync(out, 'utf8'))
    return new Map(testResults.flatMap(({ assertionResults }) => assertionResults.map((one) =>
      [one.fullName, one.status === 'passed' ? null : one.failureMessages?.[0]?.split('\n')[0] ?? one.status])))
  } catch {
    throw new Error(`the tests did not end:\n${stderr.slice(-2000)}`)
  }
}

const theirs = run('just-bash')
const ours = run('kernel')
rmSync(scratch, { recursive: true, force: true })
const all = [...theirs].filter(([, failure]) => failure === null).map(([title]) => title)
const failed = all.filter((title) => ours.get(title) !== null)
const whyOf = (title) => Object.entries(expected).find(([part]) => title.includes(part))?.[1]
for (const title of failed) console.log(`FAILED ${title}\n  ${whyOf(title) ?? ours.get(title) ?? 'did not run'}`)
for (const [title, failure] of theirs) {
  if (failure !== null && ours.get(title) === null) console.log(`passes here only: ${title}\n  ${failure}`)
}
console.log(`${all.length - failed.length} of ${all.length} passed`)
process.exit(failed.every((title) => whyOf(title) !== undefined) ? 0 : 1)
