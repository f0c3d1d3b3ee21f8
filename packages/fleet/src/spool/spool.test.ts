import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CrashDisk } from '../testing/crash-disk.ts'
import type { Loss } from '../testing/crash-disk.ts'
import { MOST_LINE } from './frame.ts'
import type { SpoolOptions } from './options.ts'
import { FolderDisk } from './spool-disk.ts'
import { Spool } from './spool.ts'

interface Line {
  readonly serial: number
  readonly n?: number
  readonly kind?: string
  readonly reason?: string
  readonly ranges?: readonly (readonly [number, number])[]
  readonly count?: number | null
}

const small: SpoolOptions = { segmentBytes: 4096, mostBytes: 64 * 1024, syncMs: 60_000 }
const record = (n: number, size = 400): string => JSON.stringify({ n, pad: 'x'.repeat(size) })

const rest = async (spool: Spool): Promise<Line[]> => {
  const found: Line[] = []
  for (let chunk = await spool.next(48 * 1024); chunk !== null; chunk = await spool.next(48 * 1024)) {
    found.push(...chunk.lines.map((line) => JSON.parse(Buffer.from(line).toString()) as Line))
  }
  return found
}
const numbers = (lines: readonly Line[]): (number | undefined)[] => lines.map(({ n }) => n)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

describe('a spool', () => {
  test('gives what is on the disk, in order, over a restart, with serials that go on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lsmkit-spool-'))
    const first = await Spool.open(new FolderDisk(folder), small)
    for (const n of upTo(30)) first.push(record(n))
    expect(await first.next(48 * 1024)).toBeNull()
    await first.flush()
    const chunk = (await first.next(4096))!
    expect(chunk.to).toBeLessThan(12)
    first.ack(chunk.to)
    await first.close()
    const second = await Spool.open(new FolderDisk(folder), small)
    second.push(record(31))
    await second.flush()
    const lines = await rest(second)
    expect(lines.map(({ serial }) => serial)).toEqual(upTo(31).slice(chunk.to))
    expect(numbers(lines)).toEqual(upTo(31).slice(chunk.to))
    second.ack(31)
    await second.close()
    const third = await Spool.open(new FolderDisk(folder), small)
    expect(await rest(third)).toEqual([])
    third.push(record(32))
    await third.flush()
    expect(await rest(third)).toMatchObject([{ serial: 32, n: 32 }])
    await third.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test.each<[full: SpoolOptions['full'], isAllowed: boolean, kept: 'first' | 'last']>([
    ['oldest', false, 'last'], ['newest', false, 'first'], ['block', false, 'first'], ['allowed', true, 'first'],
    ['allowed', false, 'last'],
  ])('full: %s (allowed: %s) keeps the %s, within its bytes, and has a record of each gap', async (
    full, isAllowed, kept,
  ) => {
    const disk = new CrashDisk()
    const spool = await Spool.open(disk, { ...small, full: full! })
    for (const n of upTo(600)) {
      spool.push(record(n), isAllowed)
      if (n % 7 === 0) await spool.flush()
      expect(spool.status.bytes).toBeLessThan(64 * 1024 + 8192)
    }
    expect(spool.isBlocked).toBe(full === 'block')
    await spool.close()
    const again = await Spool.open(disk, { ...small, full: full! })
    const lines = await rest(again)
    const seen = new Set(lines.map(({ serial }) => serial))
    for (const { ranges = [] } of lines) for (const [from, to] of ranges) {
      for (let serial = from; serial <= to; serial += 1) {
        expect(seen.has(serial)).toBe(false)
        seen.add(serial)
      }
    }
    // each serial is there, or in one gap
    expect([...seen].toSorted((a, b) => a - b)).toEqual(upTo(spool.status.last))
    const found = lines.flatMap(({ n }) => n ?? [])
    const expected = upTo(600)
    expect(found).toEqual(kept === 'last' ? expected.slice(-found.length) : expected.slice(0, found.length))
    expect(lines.filter(({ kind }) => kind === 'gap').every(({ reason }) => reason === 'full')).toBe(true)
    expect(spool.status.lost).toBe(600 - found.length)
    expect(lines.reduce((sum, { count }) => sum + (count ?? 0), 0)).toBe(600 - found.length)
  })

  test('a spool that was filled at once has room again when the store has its records', async () => {
    const spool = await Spool.open(new CrashDisk(), { ...small, full: 'block' })
    for (const n of upTo(300)) spool.push(record(n))
    await spool.flush()
    expect(spool.isBlocked).toBe(true)
    await rest(spool)
    spool.ack(spool.status.durable)
    await spool.flush()
    expect(spool.isBlocked).toBe(false)
    expect(spool.push(record(301))).toBe(true)
    await spool.close()
  })

  test('a record that is too long, and a disk that takes nothing for a while', async () => {
    const disk = new CrashDisk()
    const spool = await Spool.open(disk, small)
    spool.push(record(1))
    expect(spool.push(record(2, MOST_LINE))).toBe(false)
    disk.fails = (op) => op === 'write' || op === 'sync'
    await spool.flush()
    expect(spool.status.error).toMatch(/no space/)
    expect(await rest(spool)).toEqual([])
    disk.fails = (op) => op === 'sync'
    await spool.flush()
    disk.fails = () => false
    spool.push(record(3))
    await spool.flush()
    expect(spool.status.error).toBeNull()
    const lines = await rest(spool)
    expect(numbers(lines).filter((n) => n !== undefined)).toEqual([1, 3])
    expect(lines.filter(({ kind }) => kind === 'gap')).toMatchObject([{ reason: 'too-long', ranges: [[2, 2]] }])
    await spool.close()
  })
})

/** What a host has seen of its spool after each operation on the disk. */
interface Moment {
  readonly durable: number
  readonly acked: number
  /** Serials that somebody has read. */
  readonly given: number
}

const life = async (disk: CrashDisk, moments: Moment[], lines: Map<number, number>): Promise<void> => {
  let given = 0
  const spool = await Spool.open(disk, { ...small, mostBytes: 64 * 1024 })
  disk.onOp = () => {
    const { durable, acked } = spool.status
    moments.push({ durable, acked, given })
  }
  while (moments.length < disk.ops.length) moments.push({ durable: 0, acked: 0, given: 0 })
  for (const n of upTo(60)) {
    spool.push(record(n, 300))
    lines.set(spool.status.last, n)
    if (n % 5 === 0) await spool.flush()
    if (n % 15 === 0) {
      const chunk = (await spool.next(4096))!
      given = chunk.to
      spool.ack(chunk.to)
      await spool.flush()
    }
  }
  await spool.close()
  disk.onOp = () => {}
}

describe('a host that ends anywhere', () => {
  test.each<Loss>(['nothing', 'unsynced', 'half', 'removes'])('with a loss of %s', async (loss) => {
    const disk = new CrashDisk()
    const moments: Moment[] = []
    const lines = new Map<number, number>()
    await life(disk, moments, lines)
    expect(disk.ops.length).toBeGreaterThan(30)
    for (let count = 1; count <= disk.ops.length; count += 1) {
      const op = disk.ops[count - 1]!
      const length = op.op === 'write' ? op.bytes.length : 0
      for (const cutTo of new Set([0, 1, 19, length >> 1, Math.max(0, length - 1), length])) {
        const left = CrashDisk.after(disk.ops.slice(0, count), cutTo, loss, new Map())
        const { durable, given } = moments[Math.max(0, count - 2)]!
        const { acked } = moments[count - 1]!
        const spool = await Spool.open(left, small)
        spool.push(record(1000))
        await spool.flush()
        const found = await rest(spool)
        const old = found.filter(({ n }) => n !== 1000 && n !== undefined)
        // none is altered, none is twice
        for (const { serial, n } of old) expect(lines.get(serial)).toBe(n)
        expect(new Set(old.map(({ serial }) => serial)).size).toBe(old.length)
        // all that was on the disk is there, unless the store has it
        const have = new Set(old.map(({ serial }) => serial))
        for (let serial = acked + 1; serial <= durable; serial += 1) expect(have.has(serial)).toBe(true)
        const fresh = found.find(({ n }) => n === 1000)!
        expect(fresh.serial).toBeGreaterThan(Math.max(durable, given))
        const isClosed = count === disk.ops.length
        if (durable > 0) expect(found.some(({ reason }) => reason === 'ended')).toBe(!isClosed)
        await spool.close()
      }
    }
  })
})
