import { expect, test } from 'vitest'
import type { Io } from './io.ts'
import { Progress } from './progress.ts'

const shown = (isShown: boolean, steps: readonly (readonly [done: number, total: number])[]): string => {
  let text = ''
  const progress = new Progress(
    { stderr: (bytes: Uint8Array) => void (text += new TextDecoder().decode(bytes)) } as Io, 'verdicts', isShown)
  for (const [done, total] of steps) progress.show(done, total)
  progress.end()
  return text
}

test.each([
  ['the first and the last picture', true, [[1, 3], [2, 3], [3, 3]],
    `\r[${'#'.repeat(10)}${'.'.repeat(20)}] 1 of 3 verdicts\r[${'#'.repeat(30)}] 3 of 3 verdicts\r\u001B[K`],
  ['nothing to do', true, [], ''],
  ['no terminal', false, [[1, 3], [3, 3]], ''],
] as const)('%s', (_what, isShown, steps, text) => {
  expect(shown(isShown, steps)).toBe(text)
})
