/** A short run of the soak (scripts/soak-objects.ts), and the seeds that once found something. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { vmlinuxBtf } from '../vmlinux/index.ts'
import { fuzzObjects } from './fuzz-objects.ts'
import type { Finding } from './fuzz-objects.ts'

const objects = ['detector', 'deflector', 'everything']
  .map((name) => new Uint8Array(readFileSync(new URL(`../../objects/${name}.o`, import.meta.url))))

const fuzz = (seed: number, runs: number) => {
  const findings: Finding[] = []
  const tally = fuzzObjects(objects, vmlinuxBtf(), seed, runs, (finding) => findings.push(finding))
  return { findings, ...tally }
}

test('damaged objects are refused or sound', () => {
  const { findings, opened, refused } = fuzz(20_000_000, 1500)
  expect(findings).toEqual([])
  // a mutation that nothing notices, or one that everything does, would test nothing
  expect([opened > 100, refused > 100]).toEqual([true, true])
}, 60_000)

test.each(seeds())('seed %i stays fixed', (seed) => {
  expect(fuzz(seed, 1).findings).toEqual([])
})

function seeds(): number[] {
  return readFileSync(new URL('./seeds.txt', import.meta.url), 'utf8').split('\n').filter((line) => /^\d/.test(line)).map(Number)
}
