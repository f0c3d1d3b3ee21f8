/** The first program of the root README runs as it stands, as JavaScript, and prints what its last lines promise. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

test('the program of the first sixty seconds', () => {
  const program = /```ts\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? ''
  const args = ['--conditions=lsmkit:source', '--input-type=module', '-e', program]
  // an example that has what the install line names
  const cwd = join(root, 'examples/smallest-stack')
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  const promised = [...program.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => line)
  expect(promised).toHaveLength(3)
  expect({ printed: stdout.trimEnd().split('\n'), stderr }).toEqual({ printed: promised, stderr: '' })
})
