import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runStoreCase, storeCases } from '../../suite/store-cases.ts'
import { Disk } from './disk.ts'
import { givingWay } from './fair-share.ts'
import type { LogSlot } from './fair-share.ts'
import { folder } from './index.ts'
import { FolderLog } from './log.ts'

let path = ''
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'lsmkit-fleet-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

describe('the suite of stores', () => {
  test.each(storeCases)('$name', (one) => runStoreCase(one, () => folder(path, { poll: 200 })))
})

test('records that others append while a log is pruned are kept', async () => {
  const bounds = { mostBytes: 1e9, mostAgeMs: 1e9 }
  let isPruning = false
  const disk = new Disk(path)
  await disk.open()
  const other = new FolderLog(disk, 'dec', bounds, 4)
  const appended = async (log: FolderLog, key: string, from: number, count: number): Promise<void> => {
    for (let id = from; id < from + count; id += 1) {
      await log.append(key, [{ id: `${key}${id}`, value: new Uint8Array(1) }])
    }
  }
  await appended(other, 'a', 1, 3)
  // it looks at what is there when it begins a generation: meanwhile others fill some more
  class Slow extends Disk {
    override async read(file: string): Promise<Uint8Array | null> {
      const bytes = await super.read(file)
      if (isPruning && /00000001-\w+.1$/.test(file)) {
        isPruning = false
        await appended(other, 'b', 1, 12)
      }
      return bytes
    }
  }
  const log = new FolderLog(new Slow(path), 'dec', bounds, 4)
  await appended(log, 'a', 4, 1)
  isPruning = true
  await appended(log, 'a', 5, 1)
  expect(isPruning).toBe(false)
  const ids: string[] = []
  for await (const { id } of other.read({})) ids.push(id)
  expect(ids.filter((id) => id.startsWith('b'))).toHaveLength(12)
  expect(ids).toHaveLength(17)
})

describe('a log that is too long', () => {
  const slots = (text: string): readonly LogSlot[] => text.split(' ').map((one, slot) => {
    const [key = '', bytes = ''] = one.split(':')
    return { generation: 'g', slot, key, bytes: Number(bytes), time: 0, isEmpty: key === '-' }
  })
  test.each<[why: string, slots: string, most: number, away: readonly number[]]>([
    ['has room', 'a:50 b:50', 100, []],
    ['of one key loses the oldest', 'a:40 a:40 a:40', 100, [0]],
    ['loses of the key that has most', 'b:10 a:60 b:10 a:60 a:10', 100, [1]],
    ['of two that flood loses of both', 'c:10 a:50 b:50 a:50 b:50', 110, [1, 2]],
    ['has what was emptied too', '-:60 b:10 a:20 a:20', 100, [2]],
    ['has no room at all', 'a:10 b:10', 5, [0, 1]],
  ])('%s', (_why, text, most, away) => {
    expect(givingWay(slots(text), most).map(({ slot }) => slot)).toEqual(away)
  })

  test('keeps the records of a host when another one floods it', async () => {
    const disk = new Disk(path)
    await disk.open()
    const log = new FolderLog(disk, 'dec', { mostBytes: 8000, mostAgeMs: 1e9 }, 4)
    const append = (key: string, id: number) => log.append(key, [{ id: `${key}${id}`, value: new Uint8Array(1000) }])
    for (const id of [1, 2]) await append('quiet', id)
    for (let id = 1; id <= 23; id += 1) await append('loud', id)
    const ids: string[] = []
    for await (const record of new FolderLog(disk, 'dec', { mostBytes: 8000, mostAgeMs: 1e9 }, 4).read({})) {
      ids.push(record.id)
    }
    expect(ids.slice(0, 2)).toEqual(['quiet1', 'quiet2'])
    expect(ids.at(-1)).toBe('loud23')
    expect(ids.length).toBeLessThan(11)
    // a name is never given twice
    expect((await append('quiet', 3)).added).toBe(1)
  })
})
