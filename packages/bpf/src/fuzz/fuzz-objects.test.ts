/** A short run of the fuzzer `bpf-objects`. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { vmlinuxBtf } from '../vmlinux/index.ts'
import { objectAttempt } from './fuzz-objects.ts'

const objects = ['detector', 'deflector', 'everything']
  .map((name) => new Uint8Array(readFileSync(new URL(`../../objects/${name}.o`, import.meta.url))))

test('damaged objects are refused or sound', () => {
  const attempt = objectAttempt(objects, vmlinuxBtf())
  const outcomes = Array.from({ length: 1500 }, (_, index) => ({ seed: index, ...attempt(index) }))
  expect(outcomes.filter(({ fault }) => fault !== null)).toEqual([])
  // a mutation that nothing notices, or one that everything does, would test nothing
  const opened = outcomes.filter((outcome) => outcome.opened).length
  expect([opened > 100, opened < 1400]).toEqual([true, true])
})
