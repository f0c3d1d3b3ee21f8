/** Command lines on a folder that is copied on write. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, hostFolder } from '@lsmkit/sandbox'
import { afterAll, expect, test } from 'vitest'
import { bash } from './index.ts'

const repo = mkdtempSync(join(tmpdir(), 'lsmkit-cow-sh-'))
afterAll(() => rmSync(repo, { recursive: true }))
mkdirSync(join(repo, 'src'))
writeFileSync(join(repo, 'src/a.txt'), 'one\ntwo\n')
writeFileSync(join(repo, 'old.md'), '# Old\n')

test.each([true, false])('inline: %s: what a line changes is listed, and the folder is as it was', async (inline) => {
  await using box = await createSandbox({
    inline, shell: bash(), allow: { read: ['/repo', '/bin', '/usr/bin'], write: ['/repo'], exec: ['/bin', '/usr/bin'] },
    mounts: { '/repo': hostFolder(repo, { copyOnWrite: true }) },
  })
  const line = 'sed -i s/two/2/ src/a.txt && mkdir -p docs && mv old.md docs/new.md && ln -s ../../x src/out'
  expect(await box.sh(line, { cwd: '/repo' })).toMatchObject({ status: 0, stderr: '' })
  const changes = await box.changes()
  expect(changes.map(({ kind, path, from, leadsOut }) => [kind, path, from, leadsOut])).toEqual([
    ['added', '/repo/docs', null, false], ['renamed', '/repo/docs/new.md', '/repo/old.md', false],
    ['changed', '/repo/src/a.txt', null, false], ['added', '/repo/src/out', null, true],
  ])
  expect(changes[2]!.diff).toContain('-two\n+2\n')
  expect(readFileSync(join(repo, 'src/a.txt'), 'utf8')).toBe('one\ntwo\n')
  // a line that runs may change more
  const running = box.sh('sleep 1', { cwd: '/repo' })
  await expect(box.apply('**')).rejects.toMatchObject({ code: 'busy' })
  await running
  await expect(box.apply('**')).rejects.toMatchObject({ code: 'link' })
  await box.discard()
  expect((await box.sh('cat src/a.txt old.md', { cwd: '/repo' })).stdout).toBe('one\ntwo\n# Old\n')
})
