/** Bodies that take a compiler longer, or more memory, than their bytes tell. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { call, i32, i64, op, testModule } from '../testing/module.ts'
import type { TestModule } from '../testing/module.ts'
import { CompileCost } from './compile-cost.ts'
import { skipInstruction, skipLocals } from './instructions.ts'
import { Cursor } from './leb128.ts'
import { meterLoops } from './meter.ts'
import { CODE, findSection, splitSections } from './sections.ts'
import { shapesOf } from './shapes.ts'
import { assertCompilable } from './weigh.ts'

const times = (count: number, code: readonly number[]): number[] => Array.from({ length: count }, () => code).flat()
const refused = expect.objectContaining({
  code: 'unsupported-module', message: expect.stringContaining('takes too long to compile'),
})
const module = (code: readonly number[], of: Partial<TestModule> = {}, locals = 0) =>
  testModule({ functions: { f: { locals, code } }, ...of })

const IF = [op.local_get, 0, op.if, op.void, op.end]
const MANY = 1000
const THOUSAND = 'I'.repeat(MANY)
const FEW = 40
const values = times(MANY, i64(1))
const drops = times(MANY, [op.drop])
/** A block type, behind that of `f`. */
const CARRIES = 1
const carries = (results: boolean): Partial<TestModule> =>
  ({ types: [[0x60, 0xe8, 7, ...times(MANY, [0x7e]), ...(results ? [0xe8, 7, ...times(MANY, [0x7e])] : [0])]] })
const answering = (count: number) => testModule({ functions: {
  f: { code: [op.block, op.void, ...times(count, call(1)), op.br, 0, op.end] },
  g: { signature: `:${THOUSAND}`, code: values },
} })

describe('what takes seconds or gigabytes is refused, before the engine sees it', () => {
  test.each([
    { what: 'ifs over many locals', bytes: module(times(8000, IF), {}, 40_000) },
    { what: 'loops over many locals', bytes: module(times(8000, [op.loop, op.void, op.end]), {}, 40_000) },
    { what: 'branches that carry many values', bytes: module([
      ...values, op.loop, CARRIES, ...values, ...times(20_000, [op.local_get, 0, op.br_if, 0]), ...drops, ...drops,
      op.end,
    ], carries(false), 1) },
    { what: 'blocks that take and leave many values',
      bytes: module([...values, ...times(60_000, [op.block, CARRIES, op.end]), ...drops], carries(true)) },
    { what: 'calls that leave many values', bytes: answering(60_000) },
    { what: 'references to functions', bytes: module(times(20_000, [0xd2, 0, op.drop])) },
    { what: 'values of low locals that have to leave registers', bytes: module(times(40_000, [
      op.local_get, 1, ...i32(1), op.i32_add, op.local_set, 2,
    ]), {}, 49_000) },
  ])('$what', ({ bytes }) => {
    expect(() => assertCompilable(bytes)).toThrow(refused)
    expect(() => meterLoops(bytes)).toThrow(refused)
  })

  test('loops of three bytes, where each is metered', () => {
    const bytes = module(times(100_000, [op.loop, op.void, op.end]))
    expect(() => meterLoops(bytes)).toThrow(refused)
    assertCompilable(bytes)
  })
})

test.each([
  { what: 'ifs over few locals', bytes: module(times(20_000, IF), {}, 20) },
  { what: 'many locals and few ifs', bytes: module(times(FEW, IF), {}, 40_000) },
  { what: 'a few calls that leave many values', bytes: answering(FEW) },
])('$what run', ({ bytes }) => {
  assertCompilable(bytes)
  expect(() => meterLoops(bytes)).not.toThrow()
})

test('an instruction that does not end, and a body without its end, throw or are left to the engine', () => {
  const whole = module([...values, op.loop, CARRIES, ...drops, op.end], carries(false))
  const code = findSection(splitSections(whole), CODE)!.body
  for (let length = 1; length < 200; length++) {
    const body = new Cursor(code.slice(0, length), 3)
    const cost = new CompileCost(shapesOf(splitSections(whole)), 0, length, body)
    cost.enter(0)
    try {
      while (!body.done) {
        const at = body.at
        cost.step(skipInstruction(body), at)
      }
    } catch (error) {
      expect(error).toMatchObject({ name: 'ProgramError' })
    }
  }
})

const programs = new URL('../../programs/', import.meta.url)
const names = readdirSync(programs, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.wasm'))
test.each(names)('the stack of every function of %s ends with what it answers', (name) => {
  const sections = splitSections(readFileSync(new URL(name, programs)))
  const shapes = shapesOf(sections)
  const cursor = new Cursor(findSection(sections, CODE)!.body)
  const ends: { index: number; left: number }[] = []
  const answers = shapes.own.map((type, index) => ({ index, left: shapes.types[type]!.results }))
  for (let count = cursor.u32(), index = 0; index < count; index++) {
    const size = cursor.u32()
    const body = new Cursor(cursor.bytes, cursor.at, cursor.at + size)
    cursor.skip(size)
    const cost = new CompileCost(shapes, index, size, body)
    cost.enter(skipLocals(body))
    while (!body.done) {
      const at = body.at
      cost.step(skipInstruction(body), at)
    }
    ends.push({ index, left: cost.height })
  }
  expect(ends).toEqual(answers)
})
