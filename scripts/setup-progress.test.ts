import { expect, test } from 'vitest'
import { progressText, runQuietly } from './setup-progress.mjs'

const step = { what: 'building the packages', at: 2, of: 3, seconds: 100, after: 20 }

test.each([
  { ms: 0, says: '[....................] about 120 s left' },
  { ms: 50_000, says: '[##########..........] about 70 s left' },
  { ms: 99_000, says: '[###################.] about 21 s left' },
  { ms: 900_000, says: '[###################.] about 21 s left' },
])('after $ms ms: $says', ({ ms, says }) => {
  expect(progressText(step, ms)).toBe(`lsmkit: 2/3 building the packages ${says}`)
})

/** Runs a program of Node's; all that was written. */
const ran = async (program: string, isTTY: boolean): Promise<{ status: unknown; text: string }> => {
  let text = ''
  const stream = { isTTY, columns: 80, write: (part: string | Uint8Array) => void (text += String(part)) }
  const status = await runQuietly(step, process.execPath, ['-e', program], {}, stream)
  return { status, text }
}

test.each([
  { reason: 'silent when it works', program: 'console.log("noise")', isTTY: false, status: 0, shows: /^[^\n]*about 120 s\n$/ },
  { reason: 'a bar on a terminal', program: '', isTTY: true, status: 0, shows: /\[\.{20}\].*packages: \d+ s\n$/s },
  { reason: 'all output when it fails', program: 'console.error("why"); process.exit(3)', isTTY: false, status: 3, shows: /why/ },
])('$reason', async ({ program, isTTY, status, shows }) => {
  const answer = await ran(program, isTTY)
  expect(answer.status).toBe(status)
  expect(answer.text).toMatch(shows)
})

test('a program that is not there', async () => {
  const stream = { isTTY: false, columns: 80, write: () => true }
  await expect(runQuietly(step, 'no-such-program-here', [], {}, stream)).rejects.toThrow(
    expect.objectContaining({ code: 'ENOENT' }))
})
