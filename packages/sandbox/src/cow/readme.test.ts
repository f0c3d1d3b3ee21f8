/** The program of the README's part on copy-on-write folders prints what its comments promise. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('the program of the README', () => {
  const page = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8').split('## Copy-on-write folders')[1]!
  const program = /```ts\n(.*?)```/s.exec(page)![1]!
  const args = ['--conditions=lsmkit:source', '--no-warnings', '--input-type=module-typescript', '-e', program]
  const cwd = join(import.meta.dirname, '..')
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  const promised = [...program.matchAll(/ \/\/ (.*)$/gm)].map(([, line]) => line)
  expect({ printed: stdout.trimEnd().split('\n'), stderr }).toEqual({ printed: promised, stderr: '' })
})
