/** `npm version` runs this: what CHANGELOG.md lists under "Unreleased" becomes the notes of the new version. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../CHANGELOG.md', import.meta.url)
const version = process.env.npm_package_version
const heading = '## Unreleased\n'
const [before, after] = readFileSync(file, 'utf8').split(heading)
const notes = after?.split(/^## /m)[0] ?? ''

if (!/^- /m.test(notes)) {
  console.error('CHANGELOG.md has no line under "## Unreleased" that begins with "- ": say what has changed')
  process.exit(1)
}
writeFileSync(file, `${before}${heading}\n## ${version}\n${after}`)
// where there is git, npm commits it with the new version
spawnSync('git', ['add', 'CHANGELOG.md'], { stdio: 'ignore' })
