/** Somebody on the host swaps folders and links while changes are applied: nothing outside is read or written. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSandbox, hostFolder } from '../index.ts'

const ROUNDS = 150

test.skipIf(process.platform !== 'linux')('an attacker who swaps gets nothing', async () => {
  const base = mkdtempSync(join(tmpdir(), 'cow-race-'))
  const [inside, outside] = [join(base, 'inside'), join(base, 'outside')]
  mkdirSync(join(inside, 'dir'), { recursive: true })
  mkdirSync(outside)
  for (const name of ['file', 'deep', 'secret', 'gone']) writeFileSync(join(outside, name), 'secret')
  for (const path of ['file', 'dir/deep', 'dir/gone']) writeFileSync(join(inside, path), 'inside')
  symlinkSync(outside, join(base, 'link-dir'))
  symlinkSync(join(outside, 'file'), join(base, 'link-file'))
  const script = `
    const { readdirSync, renameSync: move } = require('node:fs')
    process.chdir(${JSON.stringify(base)})
    const swap = (place, link) => {
      try { move(place, 'kept'); move(link, place); move(place, link); move('kept', place) } catch {
        try { move('kept', place) } catch {}
      }
    }
    process.stdout.write('on')
    for (;;) { swap('inside/dir', 'link-dir'); swap('inside/file', 'link-file') }`
  const attacker = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ends = new Map<string, number>()
  try {
    await new Promise((resolve) => void attacker.stdout.once('data', resolve))
    const box = await createSandbox({
      inline: true, allow: {}, mounts: { '/w': hostFolder(inside, { copyOnWrite: true }) },
    })
    const tried = async (act: () => Promise<unknown>): Promise<void> => {
      const end = await act().then(() => 'done', (error: { code?: string }) => error.code ?? String(error))
      ends.set(end, (ends.get(end) ?? 0) + 1)
    }
    for (let i = 0; i < ROUNDS; i++) {
      await tried(() => box.fs.writeFile('/w/file', `guest ${i}`))
      await tried(() => box.fs.writeFile('/w/dir/deep', `guest ${i}`))
      await tried(() => box.fs.writeFile(`/w/dir/new-${i % 3}`, 'guest'))
      if (i % 2 === 0) await tried(() => box.fs.unlink('/w/dir/gone'))
      const changes = await box.changes().catch(() => [])
      for (const { diff } of changes) expect(diff ?? '').not.toContain('secret')
      await tried(() => box.apply('**', { overwrite: i % 3 > 0, outsideLinks: true }))
      if (i % 10 === 9) await tried(() => box.discard())
    }
    await box.close()
    expect(readdirSync(outside).sort()).toEqual(['deep', 'file', 'gone', 'secret'])
    for (const name of readdirSync(outside)) expect(readFileSync(join(outside, name), 'utf8')).toBe('secret')
    expect(ends.get('done')).toBeGreaterThan(ROUNDS)
    expect(ends.get('TypeError')).toBe(undefined)
  } finally {
    const gone = new Promise((resolve) => void attacker.once('exit', resolve))
    attacker.kill('SIGKILL')
    await gone
    rmSync(base, { recursive: true, force: true })
  }
  expect([...ends.keys()].filter((end) => !/^[A-Z]+$|^[a-z-]+$/.test(end))).toEqual([])
})
