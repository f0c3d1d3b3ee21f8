/** Folders that are watched: what is still known of a name after changes on the host, with one call for all. */
import {
  chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { changesShown } from './change-times.ts'
import type { HostCalls } from './host-calls.ts'
import { HostDir } from './host-dir.ts'
import type { HostNode } from './host-node.ts'
import { nativeCalls } from './native.ts'

const base = mkdtempSync(join(tmpdir(), 'hostfs-watch-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

const calls = ((): HostCalls | null => {
  try {
    return nativeCalls()
  } catch {
    return null
  }
})()

const child = (host: HostDir, dir: HostNode, name: string): HostNode => {
  const found = host.lookup(dir, name)
  if (typeof found === 'number') throw new Error(`${name}: ${found}`)
  return found.node
}

/** Watches that this process has with the host. */
const watches = (): number => readdirSync('/proc/self/fdinfo').reduce((all, fd) => {
  try {
    return all + (readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').match(/^inotify /gm)?.length ?? 0)
  } catch {
    // the descriptor of this listing
    return all
  }
}, 0)

describe.skipIf(calls === null || !changesShown(base).byWatches)('folders that are watched', () => {
  /** `up/dir/file`, looked at once. */
  const tree = (name: string) => {
    const path = join(base, name)
    mkdirSync(join(path, 'up/dir'), { recursive: true })
    for (const file of ['dir/file', 'beside']) writeFileSync(join(path, 'up', file), 'text')
    const host = new HostDir(path, 8, calls!)
    host.use()
    const up = child(host, host.root, 'up')
    const dir = child(host, up, 'dir')
    const look = () => [up, dir].map((node) => typeof host.stat(node))
    const known = () => {
      host.refreshWatches()
      return [up, dir].map((node) => host.isUnchanged(node, true))
    }
    return { path, host, up, dir, look, known }
  }

  test.each<readonly [change: string, act: (path: string) => void, known: readonly boolean[]]>([
    ['nothing', () => {}, [true, true]],
    ['a file in the folder', (path) => writeFileSync(join(path, 'up/dir/new'), ''), [true, true]],
    ['a file beside it', (path) => writeFileSync(join(path, 'up/new'), ''), [true, false]],
    ['its mode', (path) => chmodSync(join(path, 'up/dir'), 0o711), [true, false]],
    ['the mode of the folder above', (path) => chmodSync(join(path, 'up'), 0o711), [false, false]],
    ['its name', (path) => renameSync(join(path, 'up/dir'), join(path, 'up/other')), [true, false]],
    ['the folder above is gone', (path) => rmSync(join(path, 'up'), { recursive: true }), [false, false]],
    ['a link in its place', (path) => {
      renameSync(join(path, 'up/dir'), join(path, 'away'))
      symlinkSync('../away', join(path, 'up/dir'))
    }, [false, false]],
    ['more changes than the host keeps', (path) => {
      // two in turn, because the host keeps equal ones once
      for (let i = 0; i < 17_000; i++) chmodSync(join(path, i % 2 === 0 ? 'up/beside' : 'up/dir'), 0o755)
    }, [false, false]],
  ])('%s', (change, act, expected) => {
    const { path, host, look, known } = tree(change.replaceAll(' ', '-'))
    expect([look(), known()]).toEqual([['object', 'object'], [true, true]])
    act(path)
    expect(known()).toEqual(expected)
    host.leave()
  })

  test('are as many as are kept open, and none are left', () => {
    const before = watches()
    const { path, host, up, look } = tree('many')
    look()
    expect(watches() - before).toBe(2)
    for (let i = 0; i < 80; i++) {
      mkdirSync(join(path, `up/d${i}/e`), { recursive: true })
      host.stat(child(host, child(host, up, `d${i}`), 'e'))
    }
    expect(watches() - before).toBeLessThanOrEqual(65)
    host.leave()
    expect(watches()).toBe(before)
  })
})
