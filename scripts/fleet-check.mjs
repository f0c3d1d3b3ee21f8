/**
 * `node scripts/fleet-check.mjs [--quick] [WORD…]` tests a fleet under faults. scripts/fleet-check/main.ts has more.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './tools.mjs'

const { status } = spawnSync(process.execPath, [
  join(root, 'scripts/run.mjs'), 'source', join(root, 'scripts/fleet-check/main.ts'), ...process.argv.slice(2),
], { stdio: 'inherit' })
process.exitCode = status ?? 1
