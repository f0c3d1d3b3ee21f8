/** However often a run is refused something: it is told of each thing once, up to a bound, and the rest is counted. */
import { expect, test } from 'vitest'
import { createSandbox } from './index.ts'
import { insideOf } from './inside.ts'
import { MOST_DENIALS, RunDenials } from './run-denials.ts'
import type { Denial } from './denial.ts'
import { tool } from './testing/programs.ts'

const denial = (n: number): Denial => ({ call: 'open', sentence: `number ${n}` }) as Denial

test('each once, and what is beyond the bound is counted', () => {
  const denials = new RunDenials()
  for (let n = 0; n < MOST_DENIALS; n++) expect(denials.add(denial(n))).toBe(true)
  for (let n = 0; n < MOST_DENIALS + 10; n++) expect(denials.add(denial(n))).toBe(false)
  expect(denials.all).toHaveLength(MOST_DENIALS)
  expect(denials.leftOut).toBe(10)
})

test('a hundred thousand of them take no longer each than a thousand do', () => {
  const timeOf = (count: number): number => {
    const denials = new RunDenials()
    const start = process.cpuUsage()
    for (let n = 0; n < count; n++) denials.add(denial(n))
    return process.cpuUsage(start).user / count
  }
  timeOf(10_000)
  expect(timeOf(100_000)).toBeLessThan(Math.max(5 * timeOf(1000), 10))
})

test('a run that is refused more than is kept', async () => {
  const box = await createSandbox({ inline: true, allow: {} })
  const paths = Array.from({ length: MOST_DENIALS + 5 }, (_, n) => `/none-${n}`)
  for (const path of paths) await box.fs.writeFile(path, '')
  const { denials, denialsLeftOut } = await box.run(tool('cat'), { args: paths })
  expect([denials.length, denialsLeftOut]).toEqual([MOST_DENIALS, 5])
  // those that nobody reads are not kept without end, and are counted
  const reader = box.denials[Symbol.asyncIterator]()
  const { task, end } = insideOf(box)
  for (const path of paths) {
    const one = task()
    insideOf(box).kernel.sys.open(one, path, 0, 0)
    end(one)
  }
  expect(box.denials.leftOut).toBe(5)
  expect((await reader.next()).value).toMatchObject({ path: '/none-5' })
  await box.close()
})
