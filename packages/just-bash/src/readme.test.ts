/** The program at the top of the README runs and prints what it says. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('the first program of the README', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const program = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const args = ['--conditions=lsmkit:source', '--input-type=module-typescript', '-e', program]
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' })
  const promised = [...program.matchAll(/^\/\/ (.*)$/gm)].map((match) => match[1])
  expect(promised).toHaveLength(3)
  expect({ printed: stdout.trimEnd().split('\n'), stderr }).toEqual({ printed: promised, stderr: '' })
})
