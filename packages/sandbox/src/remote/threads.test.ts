/** What a thread of kernels is started with. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, expect, test } from 'vitest'
import { threadOptions } from './threads.ts'

const dir = mkdtempSync(join(tmpdir(), 'lsmkit-threads-'))
const file = join(dir, 'empty.mjs')
writeFileSync(file, '')
afterAll(() => rmSync(dir, { recursive: true }))

const statusUnder = (execArgv: readonly string[]): Promise<number> => {
  const thread = new Worker(file, { execArgv: [...execArgv] })
  return new Promise((resolve, reject) => thread.on('exit', resolve).on('error', reject))
}

test('options of the process go along, but not those about a program on its command line', async () => {
  expect(threadOptions(['--import', './loader.js'], false)).toEqual({})
  const options = ['--input-type=module']
  await expect(statusUnder(options)).rejects.toMatchObject({ code: 'ERR_INPUT_TYPE_NOT_ALLOWED' })
  expect(await statusUnder(threadOptions(options, false).execArgv!)).toBe(0)
})
