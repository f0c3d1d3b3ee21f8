/** The recorded rows of an overlay, played: the suite counts them as another file system's. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readInput } from '../input.ts'
import { playedRow } from '../suites/hook-trace.ts'
import { parseTable } from '../tsv.ts'

const golden = join(import.meta.dirname, '../../../../shared/golden/hook-trace.tsv')

test.skipIf(!existsSync(golden))('every recorded operation on an overlay asks what Linux asked', async () => {
  const { text, path } = await readInput(golden)
  const rows = [...parseTable(text, path, ['n', 'id', 'setup', 'calls', 'errno', 'syscalls', 'hooks'])]
  const overlay = rows.filter(({ id }) => id!.startsWith('ovl_'))
  expect(overlay.length).toBeGreaterThan(0)
  for (const row of overlay) {
    const { expected, got } = playedRow(row)
    expect(got, row.id).toBe(expected)
  }
})
