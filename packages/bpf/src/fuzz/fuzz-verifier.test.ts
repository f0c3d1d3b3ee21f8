/** A short run of the soak (scripts/soak-verifier.ts). */
import { expect, test } from 'vitest'
import { fuzzVerifier } from './fuzz-verifier.ts'
import type { Finding } from './fuzz-objects.ts'

test('what the verifier accepts runs to its end, on both engines alike', () => {
  const findings: Finding[] = []
  const { accepted, refused } = fuzzVerifier(1, 200, (finding) => findings.push(finding))
  expect(findings).toEqual([])
  expect([accepted > 20, refused > 20]).toEqual([true, true])
}, 120_000)
