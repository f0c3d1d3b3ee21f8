/** The programs of the README run and print what their comments say. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const programs = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]!)

test.each(programs.map((program, index) => [index + 1, program] as const))('program %i', (_, program) => {
  const args = ['--conditions=lsmkit:source', '--input-type=module-typescript', '-e', program]
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8' })
  const promised = [...program.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map((match) => match[1]!)
  expect(promised.length).toBeGreaterThan(1)
  // a line in a loop is printed more often than it is written; the comment tells the first time
  expect({ printed: stdout.split('\n').slice(0, promised.length), stderr }).toEqual({ printed: promised, stderr: '' })
})
