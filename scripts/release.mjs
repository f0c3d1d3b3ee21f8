/**
 * The two halves of a release, which .github/workflows/release.yml calls: `version` takes what the changesets say into
 * versions, CHANGELOGs, the lock and the module ABI's snapshot; `publish` builds, and publishes what npm does not have.
 */
import { execFileSync } from 'node:child_process'
import { bootstrap } from './bootstrap.mjs'
import { root, toolEnv } from './tools.mjs'

const halves = {
  version: {
    needs: 'dependencies',
    lines: [
      ['changeset', 'version'],
      ['pnpm', 'install', '--lockfile-only', '--no-frozen-lockfile'],
      ['node', '--conditions=lsmkit:source', 'scripts/abi.mjs', 'write'],
    ],
  },
  publish: { needs: 'packages', lines: [['changeset', 'publish']] },
}

const half = Object.hasOwn(halves, process.argv[2] ?? '') ? halves[process.argv[2]] : null
if (half === null) {
  console.error('usage: node scripts/release.mjs version|publish')
  process.exitCode = 2
} else {
  await bootstrap(half.needs)
  const options = { cwd: root, env: toolEnv(), stdio: 'inherit' }
  for (const [command, ...args] of half.lines) execFileSync(command, args, options)
}
