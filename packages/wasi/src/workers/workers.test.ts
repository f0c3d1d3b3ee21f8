/** Workers start whatever the options of their process are. */
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

const program = `
  import { createStack } from '@lsmkit/core'
  import { capability } from '@lsmkit/capability'
  import { bootKernel } from '@lsmkit/kernel'
  import { runWasiAsync } from '@lsmkit/wasi'
  const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
  const program = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 10, 1, 6,
    ...Buffer.from('_start'), 0, 0, 10, 4, 1, 2, 0, 11])
  const { status, reason } = await runWasiAsync(kernel, kernel.init, { program, waiting: 'workers' })
  process.stdout.write(JSON.stringify({ status, reason }))
`

test('of a program that is the text of an option', () => {
  const out = execFileSync(process.execPath, [
    '--no-warnings', '--conditions=lsmkit:source', '--input-type=module', '--eval', program,
  ], { cwd: new URL('.', import.meta.url), encoding: 'utf8', timeout: 400_000 })
  expect(JSON.parse(out)).toEqual({ status: 0, reason: '' })
})
