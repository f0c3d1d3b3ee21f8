import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const probe = fileURLToPath(new URL('../../test/fold-probe.ts', import.meta.url))
const major = Number(process.versions.node.split('.')[0])

/** Nodes before 24 do not run TypeScript as it is. */
describe.skipIf(major < 24)(`what V8 makes of swap${major < 24 ? ' (skipped: needs Node 24)' : ''}`, () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    // A compile in flight could end between a switch and the look at what it threw away.
    ['--allow-natives-syntax', '--no-concurrent-recompilation', '--no-warnings', '--conditions=lsmkit:source', probe],
    { encoding: 'utf8' },
  )
  const seen = JSON.parse(stdout || JSON.stringify({ error: stderr }))

  test('callers fold the function behind a key, again after each of 12 switches', () => {
    expect(seen.switches).toEqual(
      Array.from({ length: 12 }, () => ({ folded: true, foldedAgain: true, otherUntouched: true })),
    )
  })

  test('tables, keys and answers have fast properties, and keys none of their own', () => {
    expect(seen.fast).toEqual({ table: true, nextTable: true, keys: true, answers: true })
    expect(seen.ownFields).toBe(0)
  })

  test('stacks share answers: the empty ones, and those of the same functions', () => {
    expect(seen.shared).toEqual({ empty: true, members: true })
  })
})
