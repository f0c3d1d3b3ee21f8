/**
 * Folders of a spool that a disk has damaged: it opens, gives no record that was not written and none twice, and gives
 * no serial again that somebody has read.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSpool } from '@lsmkit/fleet'
import type { SpoolOptions } from '@lsmkit/fleet'
import { damagedBytes } from '../frame/damage.ts'
import { inputFuzzer } from '../frame/input-fuzzer.ts'
import type { Random } from '../frame/random.ts'

const options: SpoolOptions = { segmentBytes: 4096, mostBytes: 64 * 1024, syncMs: 60_000 }

interface Line {
  readonly serial: number
  readonly n?: number
}

const linesOf = (lines: readonly Uint8Array[]): Line[] =>
  lines.map((line) => JSON.parse(new TextDecoder().decode(line)) as Line)

/** A spool of 60 records in some segments, of which the first are acknowledged. */
const whole = async (): Promise<ReadonlyMap<string, Uint8Array>> => {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-spool-'))
  const spool = await openSpool(folder, options)
  for (let n = 1; n <= 60; n += 1) {
    spool.push(JSON.stringify({ n, pad: 'x'.repeat(n * 5) }))
    if (n % 4 === 0) await spool.flush()
    if (n === 20) spool.ack((await spool.next(4096))!.to)
  }
  await spool.close()
  const files = new Map(readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]))
  rmSync(folder, { recursive: true })
  return files
}
const good = await whole()
const odd = ['cursor-7-open', 'cursor-99-closed-3', 'x.seg', `${'9'.repeat(16)}.seg`]

/** An input is a list of files, as JSON. */
const make = (random: Random): string => {
  const files = [...good].map(([name, bytes]): [string, Uint8Array] => [name, bytes])
  for (let times = 1 + random.below(3); times > 0; times -= 1) {
    const at = random.below(files.length)
    const [name, bytes] = files[at]!
    switch (random.below(6)) {
      case 0: files.splice(at, 1); break
      case 1: files[at] = [name, bytes.subarray(0, random.below(bytes.length + 1))]; break
      case 2: files[at] = [name, random.pick(files)[1]]; break
      case 3: files.push([random.pick(odd), bytes]); break
      default: files[at] = [name, damagedBytes(bytes, random)]
    }
    if (files.length === 0) break
  }
  return JSON.stringify(files.map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]))
}

export const spool = inputFuzzer({
  make,
  async attempt(input, session) {
    const folder = mkdtempSync(join(tmpdir(), 'fuzz-spool-'))
    try {
      mkdirSync(folder, { recursive: true })
      for (const [name, text] of JSON.parse(new TextDecoder().decode(input)) as [string, string][]) {
        writeFileSync(join(folder, name), Buffer.from(text, 'base64'))
      }
      const opened = await openSpool(folder, options)
      opened.push(JSON.stringify({ n: 1000 }))
      await opened.flush()
      const found: Line[] = []
      for (let chunk = await opened.next(8192); chunk !== null; chunk = await opened.next(8192)) {
        found.push(...linesOf(chunk.lines))
      }
      await opened.close()
      const old = found.filter(({ n }) => n !== undefined && n !== 1000)
      const fresh = found.find(({ n }) => n === 1000)
      if (old.some(({ serial, n }) => serial !== n)) session.found('wrong-answer', input, 'a record was altered')
      if (new Set(found.map(({ serial }) => serial)).size !== found.length) {
        session.found('wrong-answer', input, 'a serial is there twice')
      }
      if (fresh === undefined || old.some(({ serial }) => serial >= fresh.serial)) {
        session.found('wrong-answer', input, 'a serial was given again')
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
})
