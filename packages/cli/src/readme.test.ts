/** The session at the top of the README: each command prints what stands below it. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { lsm } from '../test/test-io.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const session = /```console\n(.*?)```/s.exec(readme)?.[1] ?? ''
const steps = session.split(/^\$ lsm /m).slice(1).map((step) => {
  const [line = '', ...output] = step.split('\n')
  const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  return { line, args, output: output.join('\n') }
})

test('the session has four steps', () => expect(steps).toHaveLength(4))

test.each(steps)('lsm $line', async ({ args, output }) => {
  expect(await lsm(args)).toEqual({ code: 0, stdout: output, stderr: '' })
})
