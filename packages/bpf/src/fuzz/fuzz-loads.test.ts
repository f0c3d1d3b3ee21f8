/** A short run of the soak (scripts/soak-loads.ts). */
import { expect, test } from 'vitest'
import type { Finding } from './fuzz-objects.ts'
import { fuzzLoads } from './fuzz-loads.ts'

test('typed loads come to what the layout says, on both engines, in every form', () => {
  const findings: Finding[] = []
  const { accepted, refused, forms } = fuzzLoads(1, 300, (finding) => findings.push(finding))
  expect(findings).toEqual([])
  expect(accepted).toBeGreaterThan(refused)
  for (const form of ['ahead', 'object', 'handle', 'bytes']) expect(forms.get(form) ?? 0, form).toBeGreaterThan(20)
}, 120_000)
