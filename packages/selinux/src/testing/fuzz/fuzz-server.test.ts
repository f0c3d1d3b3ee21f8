/** A short run of the soak (scripts/soak.ts). A seed that finds something is added to `seeds`. */
import { expect, test } from 'vitest'
import { fuzz } from './fuzz-server.ts'
import type { Finding } from './fuzz-server.ts'
import { attempts } from './inputs.ts'

const findingsOf = (name: keyof typeof attempts, seed: number, runs: number) => {
  const findings: Finding[] = []
  const tally = fuzz(attempts[name], seed, runs, (finding) => void findings.push(finding))
  return { findings, tally }
}

/**
 * What was found: a machine that stood still, an attribute in an attribute, a NUL in a quoted name, keys and ranges
 * upside down, an empty name.
 */
const seeds: readonly { readonly name: keyof typeof attempts; readonly seed: number }[] = [
  { name: 'policy', seed: 371447 },
  { name: 'query', seed: 3473 },
  { name: 'cil', seed: 523439 },
  { name: 'cil', seed: 531092 },
  { name: 'cil', seed: 555568 },
  { name: 'cil', seed: 20128964 },
  { name: 'cil', seed: 20503216 },
]

test.each(seeds)('$name, seed $seed', ({ name, seed }) => {
  expect(findingsOf(name, seed, 1).findings).toEqual([])
})

test.each([
  { name: 'policy', runs: 1500 },
  { name: 'query', runs: 1500 },
  { name: 'context', runs: 20_000 },
  { name: 'file-contexts', runs: 3000 },
  { name: 'cil', runs: 500 },
  { name: 'selinuxfs', runs: 2000 },
] as const)('$runs damaged inputs of $name', ({ name, runs }) => {
  const { findings, tally } = findingsOf(name, 1, runs)
  expect(findings).toEqual([])
  expect(tally.taken).toBeGreaterThan(runs / 100)
  expect(tally.refused).toBeGreaterThan(runs / 100)
}, 60_000)
