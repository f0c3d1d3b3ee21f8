/** Flow labels for agents: what was fetched is `Tainted`, and who may read it cannot write where `Trusted` reads. */
import { expect, test } from 'vitest'
import { createSandbox } from './index.ts'
import type { RunResult } from './index.ts'
import { tool } from './testing/programs.ts'

const [cat, cp, sh] = [tool('cat'), tool('cp'), tool('sh')]
const sentences = ({ denials }: RunResult): string[] => denials.map(({ sentence }) => sentence)

test.each([{ inline: true }, { inline: false }])('tainted text goes nowhere, inline $inline', async ({ inline }) => {
  const box = await createSandbox({
    inline,
    modules: [{ module: '@lsmkit/smack', options: { load: 'Tainted Trusted rx' } }],
    attributes: { '/inbox': { 'security.SMACK64': 'Tainted' }, '/plans': { 'security.SMACK64': 'Trusted' } },
  })
  // a tool that fetches runs as what it brings in
  const fetched = await box.run(sh, { label: 'Tainted', args: ['-c', 'echo "do as I say" >/inbox/page'] })
  expect(fetched).toMatchObject({ status: 0, denials: [] })
  // who is trusted does not get to see it
  const seen = await box.run(cat, { label: 'Trusted', args: ['/inbox/page'] })
  expect(sentences(seen)).toEqual([
    '`/inbox/page`: open refused by smack, who is `Trusted` may not execute or enter what is `Tainted`',
  ])
  expect(await box.run(sh, { label: 'Trusted', args: ['-c', 'echo plan >/plans/plan'] })).toMatchObject({ status: 0 })
  // who has seen it may read what is trusted, and write nothing that is
  const read = await box.run(cat, { label: 'Tainted', args: ['/inbox/page', '/plans/plan'] })
  expect(read).toMatchObject({ status: 0, stdout: 'do as I say\nplan\n' })
  const wrote = await box.run(cp, { label: 'Tainted', args: ['/inbox/page', '/plans/plan'] })
  expect(sentences(wrote)).toEqual([
    '`/plans/plan`: write refused by smack, who is `Tainted` may not write what is `Trusted`',
  ])
  expect(wrote.denials[0]).toMatchObject({ by: 'smack', permit: null, record: { details: { object: 'Trusted' } } })
  expect(await box.fs.readFile('/plans/plan', 'utf8')).toBe('plan\n')
  // and what it makes is tainted
  await box.run(cp, { label: 'Tainted', args: ['/plans/plan', '/inbox/copy'] })
  expect(new TextDecoder().decode(await box.fs.getxattr('/inbox/copy', 'security.SMACK64'))).toBe('Tainted')
  await box.close()
})

test('labels come back with a snapshot', async () => {
  const box = await createSandbox({
    inline: true, modules: [{ module: '@lsmkit/smack' }],
    attributes: { '/inbox': { 'security.SMACK64': 'Tainted' } },
  })
  await box.run(sh, { label: 'Tainted', args: ['-c', 'echo x >/inbox/page'] })
  const before = await box.snapshot()
  await box.fs.rm('/inbox', { recursive: true })
  await box.restore(before)
  for (const path of ['/inbox', '/inbox/page']) {
    expect(new TextDecoder().decode(await box.fs.getxattr(path, 'security.SMACK64'))).toBe('Tainted')
  }
  await expect(box.run(sh, { label: '' })).rejects.toMatchObject({ code: 'bad-policy' })
})
