/** Somebody on the host swaps folders, files and links as fast as it goes: nothing outside is read or written. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AT_FDCWD, O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { Kstat } from '../../state/vfs/kstat.ts'
import { suiteWay } from './suite-way.ts'

const { hostfs, rounds } = suiteWay()

test.skipIf(process.platform !== 'linux')('an attacker who swaps gets nothing', async () => {
  const base = mkdtempSync(join(tmpdir(), 'hostfs-race-'))
  const [inside, outside] = [join(base, 'inside'), join(base, 'outside')]
  mkdirSync(join(inside, 'dir'), { recursive: true })
  mkdirSync(outside)
  for (const name of ['file', 'deep', 'secret']) writeFileSync(join(outside, name), 'secret')
  for (const path of ['file', 'dir/deep']) writeFileSync(join(inside, path), 'inside')
  symlinkSync(outside, join(base, 'link-dir'))
  symlinkSync(join(outside, 'file'), join(base, 'link-file'))
  const script = `
    const { renameSync: move } = require('node:fs')
    process.chdir(${JSON.stringify(base)})
    const swap = (place, link) => { move(place, 'kept'); move(link, place); move(place, link); move('kept', place) }
    process.stdout.write('on')
    for (;;) { swap('inside/dir', 'link-dir'); swap('inside/file', 'link-file') }`
  const attacker = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await new Promise((resolve) => void attacker.stdout.once('data', resolve))
    const folder = hostfs({ path: inside, writable: true })
    const { sys, init, cat } = bootForTest({ mounts: [{ type: folder, target: '/w' }] })
    const seen = new Map<unknown, number>()
    const note = (what: unknown): void => void seen.set(what, (seen.get(what) ?? 0) + 1)
    const list = (path: string): void => {
      const fd = sys.openat(init, AT_FDCWD, path, O_RDONLY, 0)
      if (fd < 0) return
      const dents = new Uint8Array(4096)
      const got = sys.getdents64(init, fd, dents)
      if (got > 0) note(new TextDecoder('latin1').decode(dents.subarray(0, got)).includes('secret'))
      sys.close(init, fd)
    }
    for (let i = 0; i < rounds; i++) {
      // what was listed is opened without a look
      if (i % 4 === 0) list(i % 8 === 0 ? '/w/dir' : '/w')
      note(cat(init, '/w/dir/deep'))
      note(cat(init, '/w/file'))
      for (const [path, flags] of [['/w/dir/new', O_EXCL], ['/w/file', 0]] as const) {
        const fd = sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY | flags, 0o644)
        if (fd < 0) continue
        sys.write(init, fd, new TextEncoder().encode('inside'))
        sys.close(init, fd)
      }
      sys.stat(init, '/w/dir/deep', new Kstat())
      sys.unlink(init, '/w/dir/new')
    }
    expect([seen.get('secret'), seen.get(true)]).toEqual([undefined, undefined])
    expect(seen.get(false)).toBeGreaterThan(0)
    expect(seen.get('inside')).toBeGreaterThan(0)
    expect(readdirSync(outside).sort()).toEqual(['deep', 'file', 'secret'])
    for (const name of ['file', 'deep']) expect(readFileSync(join(outside, name), 'utf8')).toBe('secret')
  } finally {
    const gone = new Promise((resolve) => void attacker.once('exit', resolve))
    attacker.kill('SIGKILL')
    await gone
    rmSync(base, { recursive: true, force: true })
  }
})
