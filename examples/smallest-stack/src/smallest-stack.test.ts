import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'

test('the program prints what its last comment says', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  await import('./index.ts')
  const promised = [...readFileSync(new URL('index.ts', import.meta.url), 'utf8').matchAll(/^\/\/ (.*)$/gm)]
  expect(log.mock.calls.map(([line]) => String(line))).toEqual(promised.map(([, line]) => line))
  expect(promised).toHaveLength(2)
})
