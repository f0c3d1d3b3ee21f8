/** What threads are started with. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, expect, test, vi } from 'vitest'
import { threadOptions } from './threads.ts'

const dir = mkdtempSync(join(tmpdir(), 'lsmkit-threads-'))
const file = join(dir, 'empty.mjs')
writeFileSync(file, '')
afterAll(() => rmSync(dir, { recursive: true }))

const statusUnder = (execArgv: readonly string[]): Promise<number> => {
  const thread = new Worker(file, { execArgv: [...execArgv] })
  return new Promise((resolve, reject) => thread.on('exit', resolve).on('error', reject))
}

const built = new URL('worker.js', import.meta.url)
vi.stubEnv('NODE_DISABLE_COMPILE_CACHE', '1')
afterAll(() => void vi.unstubAllEnvs())

test('options of the process go along, but not those about a program on its command line', async () => {
  expect(threadOptions(built, ['--import', './loader.js'])).toEqual({})
  const options = ['--input-type=module']
  await expect(statusUnder(options)).rejects.toMatchObject({ code: 'ERR_INPUT_TYPE_NOT_ALLOWED' })
  expect(await statusUnder(threadOptions(built, options).execArgv!)).toBe(0)
})

test('a thread that loads nothing but its own file has none', () => {
  expect(threadOptions(built, null)).toEqual({ execArgv: [] })
})

test('one that is run from its source finds the sources of our packages', () => {
  const { execArgv } = threadOptions(new URL('worker.ts', import.meta.url), ['--import', './loader.js'])
  expect(execArgv).toContain('--conditions=lsmkit:source')
})
