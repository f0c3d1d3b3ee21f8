/** Runs before a package is packed, by whichever tool: refuses one without its build, or without what goes along. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.cwd()
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** Files that a table of entry points names, but for the sources, which stay here. */
const named = (table) =>
  typeof table === 'string'
    ? [table]
    : Object.entries(table).flatMap(([key, value]) => (key === 'lsmkit:source' ? [] : named(value)))

const wanted = [...named(manifest.exports ?? {}), ...Object.values(manifest.bin ?? {})]
const missing = [...new Set([...wanted, 'README.md', 'LICENSE', 'CHANGELOG.md'])]
  // of a pattern, `./objects/*`, the folder
  .filter((path) => !existsSync(join(folder, path.replace(/\*.*$/, ''))))
if (missing.length > 0) {
  console.error(`${manifest.name} cannot be packed: there is no ${missing.join(', ')}`)
  if (missing.some((path) => path.startsWith('./dist/'))) {
    console.error(`build it first: node scripts/run.mjs build --filter=${manifest.name}`)
  }
  process.exitCode = 1
}
