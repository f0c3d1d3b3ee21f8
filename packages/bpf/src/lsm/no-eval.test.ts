/** Where code may not be made from text, programs come to the same by handles and closures. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { EPERM } from '@lsmkit/abi'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('../../test/no-eval.ts', import.meta.url))
const flags = ['--conditions=lsmkit:source', '--disallow-code-generation-from-strings', '--no-warnings']

/** The answers of a process that may not. */
const { mayCompile, deflector, random } = JSON.parse(
  execFileSync(process.execPath, [...flags, program], { encoding: 'utf8' }),
) as {
  readonly mayCompile: boolean
  readonly deflector: { readonly opens: readonly number[]; readonly loads: readonly string[] }
  readonly random: { readonly differences: readonly unknown[]; readonly forms: readonly string[] }
}

test('the process may not', () => {
  expect(mayCompile).toBe(false)
})

test('the deflector decides the same, and its loads go through handles', () => {
  expect(deflector).toEqual({ opens: [0, -EPERM], loads: ['handle', 'handle', 'handle'] })
})

test('random typed programs come to what the layout says', () => {
  expect(random).toEqual({ differences: [], forms: ['bytes', 'handle'] })
})
