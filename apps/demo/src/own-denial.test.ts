import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { ownOutput, ownSource } from './own-denial.ts'

test('the file that the tour writes refuses as the page says', () => {
  const { stdout, stderr, status } = spawnSync(
    process.execPath, ['--conditions=lsmkit:source', '--no-warnings', '--input-type=module', '-'],
    { input: ownSource, encoding: 'utf8', cwd: import.meta.dirname },
  )
  expect(stderr).toBe('')
  expect(status).toBe(0)
  expect(stdout.trimEnd().split('\n')).toEqual(ownOutput)
})

test('the change that the page proposes is in the file', () => expect(ownSource).toContain("'.key'"))
