/**
 * The committed table of call sites against the kernel: its words are known, and operations chosen from it still
 * show what it says.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { hookNames } from '@lsmkit/core'
import { syscallTable } from '@lsmkit/kernel'
import { expect, test } from 'vitest'
import { callSites } from '@lsmkit/core/hook-docs'
import { recordCallSites } from './replay.ts'

const golden = join(import.meta.dirname, '../../../../shared/golden')
const entries = Object.entries(callSites).flatMap(([hook, text]) =>
  text.split(' ').map((site) => ({ hook, call: site.split('=')[0]!, test: site.split('=')[1]! })),
)

test('hooks and system calls of the table are there', () => {
  for (const { hook, call, test: shown } of entries) {
    expect(hookNames).toContain(hook)
    expect(syscallTable).toHaveProperty(call)
    expect(shown).toMatch(/^(hook-trace:\w+|posix-sessions:\d+)$/)
  }
})

/** Every 40th test that the table names: all of them take a minute. */
const chosen = [...new Set(entries.map(({ test: shown }) => shown))].filter((_, i) => i % 40 === 0)

test.skipIf(!existsSync(golden))('chosen operations of ../shared/golden reach what the table says', async () => {
  const sites = await recordCallSites(golden, (name) => chosen.includes(name))
  const missing = entries.filter(({ hook, call, test: shown }) =>
    chosen.includes(shown) && !sites.seen.get(hook as never)?.has(call))
  expect(missing).toEqual([])
})
