/** Tests of others under this clone's vitest: on what they are written for, and then on ours. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Tests of `folder` by file and title: null for those that pass, else the first line of the error. */
const run = (folder, config, on, scratch) => {
  const out = join(scratch, `${on}.json`)
  const { stderr } = spawnSync(process.execPath, [
    join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config, '--reporter=json', `--outputFile=${out}`,
  ], {
    cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28, timeout: 900_000,
    // in CI snapshots are compared, and none is written
    env: { ...process.env, CI: '1', OUTSIDE_ON: on, OUTSIDE_FOLDER: folder },
  })
  try {
    const { testResults } = JSON.parse(readFileSync(out, 'utf8'))
    return new Map(testResults.flatMap(({ name, assertionResults }) => assertionResults.map((one) =>
      [`${name.slice(folder.length + 1)} ${one.fullName}`,
        one.status === 'passed' ? null : one.failureMessages?.[0]?.split('\n')[0] ?? one.status])))
  } catch {
    throw new Error(`the tests did not end:\n${stderr.slice(-2000)}`)
  }
}

/**
 * `name`: of the script; its vitest.config.mjs lies in the folder of that name, and looks at OUTSIDE_ON and
 * OUTSIDE_FOLDER. `whyOf`: why a test may fail, or undefined. Prints what fails and `N of M passed`; M is what passes
 * on `theirs`.
 */
export const runBothWays = ({ name, theirs, ours, whyOf = () => undefined }) => {
  const [given] = process.argv.slice(2)
  if (given === undefined) {
    console.error(`usage: node scripts/outside/${name}.mjs FOLDER`)
    process.exit(2)
  }
  const config = join(root, 'scripts/outside', name, 'vitest.config.mjs')
  const scratch = mkdtempSync(join(tmpdir(), `lsmkit-${name}-`))
  const [before, after] = [theirs, ours].map((on) => run(resolve(given), config, on, scratch))
  rmSync(scratch, { recursive: true, force: true })
  const all = [...before].filter(([, failure]) => failure === null).map(([title]) => title)
  const failed = all.filter((title) => after.get(title) !== null)
  for (const title of failed) console.log(`FAILED ${title}\n  ${whyOf(title) ?? after.get(title) ?? 'did not run'}`)
  for (const [title, failure] of before) {
    if (failure !== null && after.get(title) === null) console.log(`passes here only: ${title}\n  ${failure}`)
  }
  console.log(`${all.length - failed.length} of ${all.length} passed`)
  process.exit(failed.every((title) => whyOf(title) !== undefined) ? 0 : 1)
}
