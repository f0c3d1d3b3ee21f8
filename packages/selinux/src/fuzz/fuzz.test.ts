/** A short run of what the standing fuzzers try (`npm run fuzz`), so that a change is told of before they are. */
import { expect, test } from 'vitest'
import { selinuxfsAttempt } from './fuzz-selinuxfs.ts'
import { targets } from './inputs.ts'
import { SeededRandom } from './random.ts'

const encoder = new TextEncoder()

const targetAttempt = (name: keyof typeof targets) => (random: SeededRandom): boolean => {
  const input = targets[name].make(random)
  return targets[name].attempt(typeof input === 'string' ? encoder.encode(input) : input)
}

test.each([
  { name: 'policydb', runs: 400, attempt: targetAttempt('policydb') },
  { name: 'contexts', runs: 5000, attempt: targetAttempt('contexts') },
  { name: 'file-contexts', runs: 400, attempt: targetAttempt('file-contexts') },
  { name: 'cil', runs: 100, attempt: targetAttempt('cil') },
  { name: 'source', runs: 40, attempt: targetAttempt('source') },
  { name: 'source-if', runs: 60, attempt: targetAttempt('source-if') },
  { name: 'source-fc', runs: 100, attempt: targetAttempt('source-fc') },
  { name: 'tools', runs: 300, attempt: targetAttempt('tools') },
  { name: 'labels', runs: 500, attempt: targetAttempt('labels') },
  { name: 'module-link', runs: 150, attempt: targetAttempt('module-link') },
  { name: 'module-store', runs: 1000, attempt: targetAttempt('module-store') },
  { name: 'audit-lines', runs: 1000, attempt: targetAttempt('audit-lines') },
  { name: 'selinuxfs', runs: 500, attempt: selinuxfsAttempt() },
])('$runs inputs of $name', ({ runs, attempt }) => {
  let taken = 0
  for (let seed = 0; seed < runs; seed++) if (attempt(new SeededRandom(seed))) taken++
  expect(taken).toBeGreaterThan(runs / 100)
  expect(runs - taken).toBeGreaterThan(runs / 100)
})
