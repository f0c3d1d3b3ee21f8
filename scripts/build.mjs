/**
 * Builds packages by turbo; `dist` of each has the files of this build alone. Arguments are those of `turbo run build`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { removeStale } from './build/stale-outputs.mjs'
import { root } from './tools.mjs'

const runs = join(root, '.turbo/runs')
const summaries = () => (existsSync(runs) ? readdirSync(runs) : [])

const before = new Set(summaries())
const args = ['run', 'build', '--summarize', ...process.argv.slice(2)]
const { status, error } = spawnSync('turbo', args, {
  cwd: root, stdio: 'inherit', shell: process.platform === 'win32',
})
if (error !== undefined) throw error
for (const name of summaries().filter((one) => !before.has(one))) {
  const summary = join(runs, name)
  if (status === 0) removeStale(root, summary)
  rmSync(summary)
}
process.exitCode = status ?? 1
