/** The frame finds what ends a process, what stands still and what grows, and goes on behind it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { mixed, Random } from './random.ts'
import { runFuzzer } from './run-fuzzer.ts'
import type { RunOptions } from './run-fuzzer.ts'

const table = new URL('./testing/faulty.ts', import.meta.url).href
const seed = 8
const INPUTS = 7
/** A machine that is busy takes a while for anything. */
const limits = { hang: 60, heap: 32 }
const run = (name: string, more: Partial<RunOptions> = {}) =>
  runFuzzer({ table, name, seed, seconds: 120, inputs: INPUTS, limits, ...more })

const words = Array.from({ length: INPUTS }, (_, number) => new Random(mixed(seed, number)).word())
/** Numbers of the inputs that the faulty fuzzers fail at. */
const failing = words.flatMap((word, number) => (word % 10 === 3 ? [number] : []))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lsmkit-frame-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

test('some of the inputs fail, and not the last', () => {
  expect(failing).toEqual([1, 5])
})

test.each([
  { name: 'throws', kind: 'crash', says: 'thrown by the fuzzer', hang: 60 },
  { name: 'dies', kind: 'crash', says: 'SIGSEGV', hang: 60 },
  { name: 'hangs', kind: 'hang', says: 'over 1 s', hang: 1 },
])('$name: found as $kind, and the run goes on behind it', async ({ name, kind, says, hang }) => {
  const result = await run(name, { limits: { ...limits, hang } })
  expect(result.findings.map((one) => [one.kind, one.number])).toEqual(failing.map((number) => [kind, number]))
  for (const { detail } of result.findings) expect(detail).toContain(says)
  expect(result.inputs).toBe(INPUTS)
})

test('what is kept from input to input is found when the heap is full', async () => {
  const { findings, inputs } = await run('leaks', { inputs: 16 })
  expect(findings[0]).toMatchObject({ kind: 'memory' })
  expect(findings[0]!.number).toBeGreaterThan(2)
  expect(inputs).toBe(16)
})

test.runIf(process.platform === 'linux')('memory beside the heap is found', async () => {
  const { findings } = await run('buffers')
  expect(findings.map(({ kind, number }) => [kind, number])).toEqual(failing.map((number) => ['memory', number]))
})

test('what a fuzzer tells comes with the input that shows it', async () => {
  const { findings, inputs } = await run('allows')
  expect(findings.map(({ kind, input, detail }) => [kind, String(Buffer.from(input!)), detail])).toEqual(
    failing.map((number) => ['wrong-allow', `${words[number]}`, `let ${words[number]} in`]),
  )
  // each input took one step
  expect(inputs).toBe(2 * INPUTS)
})

test('the same seed gives the same inputs, all of them or one alone', async () => {
  const log = join(folder, 'log')
  vi.stubEnv('FUZZ_TEST_LOG', log)
  const logged = async (more: Partial<RunOptions>) => {
    writeFileSync(log, '')
    await run('nothing', more)
    return readFileSync(log, 'utf8').trim().split('\n').map(Number)
  }
  expect(await logged({})).toEqual(words)
  expect(await logged({ first: 4, inputs: 1 })).toEqual([words[4]])
  expect(await logged({ seed: 9 })).not.toEqual(words)
  vi.unstubAllEnvs()
})

test('an input can be kept before it is tried', async () => {
  const keep = join(folder, 'kept/input')
  await run('allows', { first: 3, inputs: 1, keep })
  expect(readFileSync(keep, 'utf8')).toBe(String(words[3]))
})

test('files are tried in the place of made inputs', async () => {
  const files = ['3', '13', '4'].map((text, index) => {
    writeFileSync(join(folder, `${index}`), text)
    return join(folder, `${index}`)
  })
  expect((await run('seeds', { files })).findings.map(({ number }) => number)).toEqual([0, 1])
  const dying = await run('dies', { files, seconds: 0 })
  expect(dying.findings.map(({ kind, number }) => [kind, number])).toEqual([['crash', 0], ['crash', 1], ['crash', 2]])
})

test('a fuzzer that does not load is a crash, once', async () => {
  const { findings, inputs } = await run('missing')
  expect(findings.map(({ kind }) => kind)).toEqual(['crash'])
  expect(findings[0]!.detail).toContain('while loading')
  expect(inputs).toBe(0)
})

test('a run tells what it has done so far, and can be stopped', async () => {
  const stop = new AbortController()
  const told: number[] = []
  const soFar = ({ inputs }: { inputs: number }): void => {
    told.push(inputs)
    if (told.length === 2) stop.abort()
  }
  const endless = { inputs: 0x7fff_ffff, every: 0.5, soFar, stop: stop.signal }
  const { inputs, findings } = await run('nothing', endless)
  expect([told.length, findings]).toEqual([2, []])
  expect(told[1]).toBeGreaterThanOrEqual(told[0]!)
  expect(inputs).toBeGreaterThanOrEqual(told[1]! - 1)
})

test('a run ends with its time', async () => {
  const { seconds, inputs } = await run('nothing', { seconds: 1, inputs: 0x7fff_ffff })
  expect(inputs).toBeGreaterThan(0)
  expect(seconds).toBeGreaterThan(0.9)
})
