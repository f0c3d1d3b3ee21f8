/** Checks every changeset: it parses, names published packages only, and says something to the person upgrading. */
import parseChangeset from '@changesets/parse'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { published } from './pack.mjs'
import { root } from './tools.mjs'

const folder = join(root, '.changeset')
const names = new Set(published().map(({ manifest }) => manifest.name))

/** What is wrong with the text of a changeset. */
function faults(text) {
  try {
    const { releases, summary } = parseChangeset(text)
    const unknown = releases.filter(({ name }) => !names.has(name))
    return [
      ...unknown.map(({ name }) => `\`${name}\` is not a published package`),
      ...(summary.trim() === '' ? ['it says nothing to the person upgrading'] : []),
    ]
  } catch (error) {
    return [error.message]
  }
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md')) {
  for (const fault of faults(readFileSync(join(folder, file), 'utf8'))) {
    console.log(`.changeset/${file}: ${fault}`)
    process.exitCode = 1
  }
}
