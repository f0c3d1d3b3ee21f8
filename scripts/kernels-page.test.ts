/** Pages about kernels: one is printed from the tables, the other has a row for each recorded table. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fidelityPath, fidelityTables } from './fidelity.ts'
import { behaviour } from './kernels-page/behaviour.ts'
import { kernelsPage, kernelsPath } from './kernels-page.ts'

test('docs/kernels.md is up to date: `node scripts/run.mjs source scripts/kernels-page.ts` writes it', () => {
  expect(readFileSync(kernelsPath, 'utf8')).toBe(kernelsPage())
})

test('each proof of a change is there', () => {
  const proofs = behaviour.flatMap(({ proof }) => proof)
  expect(proofs.filter((file) => !existsSync(join(import.meta.dirname, '..', file)))).toEqual([])
})

test('docs/fidelity.md has every table, and none that differs without a reason', () => {
  const rows = readFileSync(fidelityPath, 'utf8').split('\n').filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
  expect(rows.map(([, suite, profile]) => `${suite} ${profile}`)).toEqual(
    fidelityTables().map(({ suite, profile }) => `\`${suite}\` ${profile}`))
  for (const [, suite, , , , differ, absent, reason] of rows) {
    const isExplained = (differ === '0' && absent === '0') || reason !== '-'
    expect({ suite, isExplained }).toEqual({ suite, isExplained: true })
  }
})
