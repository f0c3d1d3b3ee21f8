/** Output folders have the files of the last build alone. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { removeStale } from './stale-outputs.mjs'

const root = mkdtempSync(join(tmpdir(), 'lsmkit-stale-'))
afterAll(() => rmSync(root, { recursive: true }))
const write = (path: string): void => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), path)
}

test('files and folders of another build go, and a package whose task has no outputs keeps its own', () => {
  const made = ['packages/a/dist', 'packages/a/dist/index.js', 'packages/a/dist/sub', 'packages/a/dist/sub/x.js']
  for (const path of ['index.js', 'sub/x.js', 'chunk-OLD.js', 'sub/chunk-OLD.js', 'gone/deep/y.js']) {
    write(`packages/a/dist/${path}`)
  }
  write('packages/a/src/index.ts')
  write('packages/b/dist/index.js')
  const summary = join(root, 'summary.json')
  const tasks = [
    { directory: 'packages/a', expandedOutputs: ['packages/a/.turbo/turbo-build.log', ...made] },
    { directory: 'packages/b', expandedOutputs: [] },
  ]
  writeFileSync(summary, JSON.stringify({ tasks }))
  expect(removeStale(root, summary).toSorted()).toEqual([
    'packages/a/dist/chunk-OLD.js', 'packages/a/dist/gone/deep/y.js', 'packages/a/dist/sub/chunk-OLD.js',
  ])
  expect(readdirSync(join(root, 'packages/a/dist'), { recursive: true }).map(String).toSorted())
    .toEqual(['index.js', 'sub', join('sub', 'x.js')])
  expect([existsSync(join(root, 'packages/a/src/index.ts')), existsSync(join(root, 'packages/b/dist/index.js'))])
    .toEqual([true, true])
  expect(removeStale(root, summary)).toEqual([])
})
