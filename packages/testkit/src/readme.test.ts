/** The program at the top of the README is a test file: it runs here as it stands there. */
import { readFileSync } from 'node:fs'
import * as abi from '@lsmkit/abi'
import * as core from '@lsmkit/core'
import { expect, test } from 'vitest'
import * as testkit from './index.ts'

test('the first program of the README', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const program = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const body = program.replace(/(\w+) as (\w+)/g, '$1: $2').replace(/import (\{[^}]*\}) from '(?:@lsmkit\/)?(\w+)'/g, 'const $1 = $2_')
  const tests = new Map<string, () => void | Promise<void>>()
  const vitest = { expect, test: (name: string, run: () => void | Promise<void>) => void tests.set(name, run) }
  new Function('abi_', 'core_', 'testkit_', 'vitest_', body)(abi, core, testkit, vitest)
  expect(tests.size).toBe(12)
  for (const run of tests.values()) await run()
})
