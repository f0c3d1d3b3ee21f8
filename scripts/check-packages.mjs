/** Checks each package as users will get it: same entry points as in the workspace, publint, and types that resolve. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { root, toolEnv } from './tools.mjs'
import { packAll } from './pack.mjs'

/**
 * `exports` as it has to be published: without the condition that points at the sources, and without entries that have
 * nothing else.
 */
function withoutSource(table) {
  if (typeof table !== 'object') return table
  const kept = Object.entries(table)
    .filter(([key]) => key !== 'lsmkit:source')
    .map(([key, value]) => [key, withoutSource(value)])
    .filter(([, value]) => typeof value !== 'object' || Object.keys(value).length > 0)
  return Object.fromEntries(kept)
}

function tool(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env: toolEnv(), encoding: 'utf8' })
  return status === 0 ? [] : [`${command}: ${stdout}${stderr}`]
}

function faults({ manifest, file }) {
  const same = isDeepStrictEqual(withoutSource(manifest.exports), manifest.publishConfig?.exports)
  return [
    ...(same ? [] : ['`publishConfig.exports` is not `exports` without `lsmkit:source`']),
    ...tool('publint', file, '--strict'),
    ...tool('attw', file, '--profile', 'esm-only', '--no-emoji'),
  ]
}

const target = mkdtempSync(join(tmpdir(), 'lsmkit-pack-'))
try {
  for (const each of packAll(target)) {
    const found = faults(each)
    console.log(`${found.length === 0 ? 'ok    ' : 'FAILED'} ${each.manifest.name}`)
    for (const fault of found) console.log(fault)
    if (found.length > 0) process.exitCode = 1
  }
} finally {
  rmSync(target, { recursive: true, force: true })
}
