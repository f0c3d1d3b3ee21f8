import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox } from '@lsmkit/sandbox'
import { expect, test } from 'vitest'
import { Fleet } from './index.ts'

const epochs = (reports: Awaited<ReturnType<Fleet['roll']>>) => reports.map(({ enforced }) => enforced?.epoch)
const codes = (reports: Awaited<ReturnType<Fleet['roll']>>) => reports.map(({ error }) => error?.code)

test('three hosts take good releases, refuse a bad one, and go back', async () => {
  const path = mkdtempSync(join(tmpdir(), 'lsmkit-example-'))
  const fleet = await Fleet.open(path)
  const agents = await Promise.all(['web-1', 'web-2', 'web-3'].map((host) => fleet.join(host)))

  const first = await fleet.release({ epoch: 1, read: ['/site'] })
  expect(epochs(await fleet.roll(first.digest))).toEqual([1, 1, 1])

  // a job could read the secrets: every host asks, and keeps the first
  const bad = await fleet.release({ epoch: 2, read: ['/'] })
  const reports = await fleet.roll(bad.digest)
  expect([epochs(reports), codes(reports)]).toEqual([[1, 1, 1], Array(3).fill('question-failed')])
  expect(reports[0]?.error?.message).toContain('keys stay here')

  const third = await fleet.release({ epoch: 3, read: ['/site', '/cache'], back: first.id })
  expect(epochs(await fleet.roll(third.digest))).toEqual([3, 3, 3])
  expect(epochs(await fleet.roll(first.digest))).toEqual([1, 1, 1])

  const box = await createSandbox({ fleet: agents[0]!, inline: true, allow: { read: ['/site/docs'] } })
  await expect(createSandbox({ fleet: agents[0]!, inline: true, allow: { read: ['/cache'] } }))
    .rejects.toMatchObject({ code: 'wider' })
  await box.close()
  await fleet.close()
  rmSync(path, { recursive: true, force: true })
})
