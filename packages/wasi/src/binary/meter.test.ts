import { describe, expect, test } from 'vitest'
import { call, i32, op, testModule } from '../testing/module.ts'
import type { TestModule } from '../testing/module.ts'
import { readEntries } from './declared.ts'
import { FUEL, meterLoops, REFILL } from './meter.ts'
import { entryCount, FUNCTION, GLOBAL, MEMORY, splitSections } from './sections.ts'

/** What the first calls of all functions cost, which is given beforehand: the last globals of a metered module. */
const firstCalls = (metered: Uint8Array<ArrayBuffer>): number => {
  const sections = splitSections(metered)
  const globals = readEntries(sections, GLOBAL, (c) => {
    c.skip(3)
    const bytes = c.bytes.subarray(c.at)
    c.skipInt(32)
    c.skip(1)
    return readSigned(bytes)
  })
  const helpers = entryCount(sections, MEMORY) === 0 ? 2 : 4
  return globals.slice(helpers - entryCount(sections, FUNCTION)).reduce((sum, units) => sum + units, 0)
}
const readSigned = (bytes: Uint8Array): number => {
  let value = 0
  for (let i = 0; ; i++) {
    value += ((bytes[i] as number) & 0x7f) * 2 ** (7 * i)
    if ((bytes[i] as number) < 0x80) return value
  }
}

/** Counts calls of the refill function; `stop` throws at that many. */
const run = (bytes: Uint8Array<ArrayBuffer>, quantum: number, imports: WebAssembly.Imports = {}, stop = Infinity) => {
  const metered = meterLoops(bytes)
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(metered), imports)
  const fuel = exports[FUEL] as WebAssembly.Global
  let refills = 0
  const through = new WebAssembly.Instance(
    new WebAssembly.Module(testModule({ imports: [['h', 'f', ':']], functions: { f: { code: call(0) } } })),
    { h: { f: () => {
      if (++refills >= stop) throw new Error('stopped')
      fuel.value = quantum
    } } },
  )
  ;(exports[REFILL] as WebAssembly.Table).set(0, through.exports.f)
  fuel.value = quantum + firstCalls(metered)
  return { exports, refills: () => refills }
}

/** Counts a local down from `n` in a loop and answers 7. */
const counting = {
  signature: 'i:i',
  code: [
    op.loop, op.void, op.local_get, 0, ...i32(1), op.i32_sub, op.local_tee, 0, op.br_if, 0, op.end, ...i32(7),
  ],
}

test('a loop counts its iterations and computes what it did before', () => {
  const { exports, refills } = run(testModule({ functions: { f: counting } }), 59)
  expect((exports.f as (n: number) => number)(99)).toBe(7)
  // 99 times the 6 instructions behind the loop's head and the 3 outside of it, a refill after every 60
  expect(refills()).toBe(9)
})

test('an endless loop is stopped from outside', () => {
  const bytes = testModule({ functions: { f: { code: [op.loop, op.void, op.br, 0, op.end] } } })
  const { exports, refills } = run(bytes, 1000, {}, 3)
  expect(exports.f as () => void).toThrow('stopped')
  expect(refills()).toBe(3)
})

test('recursion counts as well', () => {
  const bytes = testModule({
    functions: {
      f: { signature: 'i:', code: [op.local_get, 0, op.if, op.void, op.local_get, 0, ...i32(1), op.i32_sub, ...call(0),
        op.end] },
    },
  })
  const { exports, refills } = run(bytes, 79)
  ;(exports.f as (n: number) => void)(99)
  // 100 entries of 8 instructions
  expect(refills()).toBe(10)
})

test('the first call of a function pays for its compilation, and no other', () => {
  const nothing = Array.from({ length: 100 }, () => ({ code: [0x01] }))
  const bytes = testModule({
    functions: {
      f: { code: nothing.flatMap((_, i) => call(i + 1)) },
      ...Object.fromEntries(nothing.map((one, i) => [`g${i}`, one])),
    },
  })
  const { exports, refills } = run(bytes, 1000)
  const f = exports.f as () => void
  f()
  expect(refills()).toBe(0)
  for (let i = 0; i < 9; i++) f()
  // ten times the 101 instructions and ends of one, and two of each of the others
  expect(refills()).toBe(3)
  const without = run(bytes, -firstCalls(meterLoops(bytes)) + 1000)
  ;(without.exports.f as () => void)()
  expect(without.refills()).toBe(101)
})

test('imports keep their numbers, and a module with locals and memory stays valid', () => {
  const seen: number[] = []
  const bytes = testModule({
    imports: [['env', 'put', 'i:']],
    memory: [1],
    functions: { f: { locals: 2, code: [...i32(5), op.local_set, 1, op.local_get, 1, ...call(0)] } },
  })
  const { exports } = run(bytes, 9, { env: { put: (n: number) => seen.push(n) } })
  ;(exports.f as () => void)()
  expect(seen).toEqual([5])
})

test.each([
  { what: 'gives itself more', code: [...i32(0x7fffffff), 0x24, 0] },
  { what: 'calls what pays', code: [...i32(0), ...call(1), op.drop] },
  { what: 'replaces who counts', code: [...i32(0), 0xd2, 0, 0x26, 0] },
  { what: 'asks who counts', code: [...i32(0), 0x11, 1, 0] },
])('a program that $what is valid only with what is added, and refused', ({ code }) => {
  const bytes = testModule({ functions: { f: { code } } })
  expect(WebAssembly.validate(bytes)).toBe(false)
  expect(() => meterLoops(bytes)).toThrow(expect.objectContaining({ code: 'malformed-module' }))
})

const refilled = (code: readonly number[], { n = 0, table = [0x70, 0, 4], quantum = 9999 } = {}) => {
  const bytes = testModule({
    memory: [100], functions: { f: { signature: 'i:', code } }, sections: { 4: [1, ...table] },
  })
  const { exports, refills } = run(bytes, quantum)
  ;(exports.f as (n: number) => void)(n)
  return refills()
}
const nothing = [0xd0, 0x70]

test.each([
  { what: 'memory.fill', code: [...i32(0), ...i32(7), op.local_get, 0, ...op.memory_fill, 0], n: 40_000 },
  { what: 'memory.copy', code: [...i32(0), ...i32(0), op.local_get, 0, ...op.memory_copy, 0, 0], n: 40_000 },
  { what: 'table.fill', code: [...i32(0), ...nothing, op.local_get, 0, ...op.table_fill, 0], n: 80 },
  { what: 'table.copy', code: [...i32(0), ...i32(0), op.local_get, 0, ...op.table_copy, 0, 0], n: 80 },
  { what: 'table.grow', code: [...nothing, op.local_get, 0, ...op.table_grow, 0, op.drop], n: 80 },
  { what: 'memory.grow', code: [op.local_get, 0, op.memory_grow, 0, op.drop], n: 80 },
])('$what pays for its length before it is done', ({ code, n }) => {
  const table = [0x70, 0, 100]
  expect([refilled(code, { table }), refilled(code, { n, table })]).toEqual([0, 1])
})

test('a length that no table has is paid for as the longest, and fails as before', () => {
  const grow = (n: number) => refilled([...nothing, ...i32(n), ...op.table_grow, 0, op.drop], { quantum: 0x3fff_ffff })
  expect([grow(-1), grow(2 ** 23), grow(2 ** 22)]).toEqual([1, 1, 0])
})

test('what is paid for still gets its operands: memory.init, table.init', () => {
  const bytes = testModule({
    memory: [1],
    functions: { f: { signature: ':i', code: [
      ...i32(8), ...i32(1), ...i32(3), 0xfc, 8, 0, 0, ...i32(1), ...i32(0), ...i32(1), 0xfc, 12, 0, 0,
      ...i32(8), op.i32_load, 2, 0,
    ] } },
    sections: { 4: [1, 0x70, 0, 2], 9: [1, 1, 0, 1, 0], 12: [1], 11: [1, 1, 4, 1, 2, 3, 4] },
  })
  expect((run(bytes, 99_999).exports.f as () => number)()).toBe(0x040302)
})

test('a long body in a loop pays for all of it, and a throw for what it takes', () => {
  const body = Array.from({ length: 20_000 }, () => [op.local_get, 0, op.drop]).flat()
  const loop = (code: readonly number[]) =>
    [op.loop, op.void, ...code, op.local_get, 0, ...i32(1), op.i32_sub, op.local_tee, 0, op.br_if, 0, op.end]
  // 5 times 40,007 instructions, a refill after 10,240 of them
  expect(refilled(loop(body), { n: 5 })).toBe(19)
  expect(refilled(loop([]), { n: 5 })).toBe(0)
  const caught = testModule({
    functions: { f: { code: [op.try, op.void, 0x08, 0, op.catch_all, op.end] } }, sections: { 13: [1, 0, 0] },
  })
  const { exports, refills } = run(caught, 8000)
  ;(exports.f as () => void)()
  expect(refills()).toBe(1)
})

test('a branch over most of a body pays for what it takes', () => {
  const long = Array.from({ length: 5000 }, () => [op.local_get, 0, op.drop]).flat()
  const loop = (code: readonly number[]) =>
    [op.loop, op.void, ...code, op.local_get, 0, ...i32(1), op.i32_sub, op.local_tee, 0, op.br_if, 0, op.end]
  const over = (taken: number) => loop([op.block, op.void, ...i32(taken), op.br_if, 0, ...long, op.end, ...long])
  // of 20,000 and of 10,000 instructions, 4 times
  expect([refilled(over(0), { n: 4 }), refilled(over(1), { n: 4 })]).toEqual([8, 4])
  const either = (taken: number) =>
    loop([...i32(taken), op.if, op.void, ...long, op.else, op.local_get, 0, op.drop, op.end])
  expect([refilled(either(0), { n: 4 }), refilled(either(1), { n: 4 })]).toEqual([0, 4])
})

test.each<{ what: string; of: Partial<TestModule> }>([
  { what: 'a 64-bit memory', of: { sections: { 5: [1, 4, 1] } } },
  { what: 'a shared memory, to wait on', of: { sections: { 5: [1, 3, 1, 1] } } },
  { what: 'a 64-bit table', of: { sections: { 4: [1, 0x70, 4, 1] } } },
  { what: 'a struct', of: { types: [[0x5f, 0]] } },
])('$what: unsupported-module', ({ of }) => {
  expect(() => meterLoops(testModule({ functions: { f: { code: [] } }, ...of })))
    .toThrow(expect.objectContaining({ code: 'unsupported-module' }))
})

test.each([
  { what: 'garbage-collected types', code: [0xfb, 0x00, 0x00], error: 'unsupported-module' },
  { what: 'an unknown opcode', code: [0xc7], error: 'unsupported-module' },
  { what: 'an unknown bulk operation', code: [0xfc, 0x20], error: 'unsupported-module' },
  { what: 'a constant without its bytes', code: [0x44, 0x00], error: 'malformed-module' },
])('$what: $error', ({ code, error }) => {
  expect(() => meterLoops(testModule({ functions: { f: { code } } }))).toThrow(expect.objectContaining({ code: error }))
})

describe('memory.fill and memory.copy in pieces', () => {
  const MIB = 2 ** 20
  const three = (code: readonly number[]) => ({ signature: 'iii:',
    code: [op.local_get, 0, op.local_get, 1, op.local_get, 2, ...code] })
  const bytes = testModule({
    memory: [64], functions: { fill: three([...op.memory_fill, 0]), copy: three([...op.memory_copy, 0, 0]) },
  })
  const plain = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports
  const memoryOf = (exports: WebAssembly.Exports) =>
    new Uint8Array((exports.memory as WebAssembly.Memory).buffer)
  const outcome = (exports: WebAssembly.Exports, name: string, args: readonly number[]): string => {
    try {
      (exports[name] as (...args: number[]) => void)(...args)
      return 'done'
    } catch (error) {
      return (error as Error).message
    }
  }

  test.each([
    ['fill', 0, 7, 0], ['fill', 5, 300, MIB], ['fill', 3, 9, MIB + 1], ['fill', 1, 1, 4 * MIB - 1],
    ['fill', 2, 1, 4 * MIB - 1], ['fill', 4 * MIB, 1, 0], ['fill', 4 * MIB + 1, 1, 0], ['fill', -1, 1, 2],
    ['fill', 1, 1, -1], ['fill', -1, 1, -1],
    ['copy', 0, 1, 3 * MIB], ['copy', 1, 0, 3 * MIB], ['copy', 3, MIB + 3, 2 * MIB + 7],
    ['copy', MIB + 3, 3, 2 * MIB + 7], ['copy', 9, 9, 3 * MIB], ['copy', 0, MIB, 3 * MIB],
    ['copy', 0, MIB + 1, 3 * MIB], ['copy', MIB + 1, 0, 3 * MIB],
    ['copy', 0, 2, -1], ['copy', -4, 0, 3 * MIB], ['copy', 0, -4, 3 * MIB],
  ] as [string, number, number, number][])('%s(%d, %d, %d) is what the instruction does', (name, ...args) => {
    const { exports, refills } = run(bytes, 1000)
    for (const one of [exports, plain]) {
      const memory = memoryOf(one)
      for (let i = 0; i < memory.length; i++) memory[i] = (i * 7 + (i >> 8)) & 0xff
    }
    const answer = outcome(plain, name, args)
    expect(outcome(exports, name, args)).toBe(answer)
    expect(Buffer.compare(memoryOf(exports), memoryOf(plain))).toBe(0)
    if (answer === 'done') expect(refills()).toBeGreaterThanOrEqual(Math.floor(args[2]! / MIB))
  })
})

test('locals are paid for, and a function of 400,000 bytes is refused', () => {
  const calls = testModule({ functions: { f: { locals: 20_000, code: [] } } })
  const { exports, refills } = run(calls, 5000)
  ;(exports.f as () => void)()
  expect(refills()).toBe(1)
  const long = testModule({ functions: { f: { code: Array.from({ length: 400_000 }, () => 0x01) } } })
  expect(() => meterLoops(long)).toThrow(expect.objectContaining({
    code: 'unsupported-module', message: expect.stringContaining('function 0 of the program, 400002 bytes'),
  }))
})
