import { expect, test } from 'vitest'
import { call, i32, op, testModule } from '../testing/module.ts'
import { FUEL, meterLoops, REFILL } from './meter.ts'

/** Counts calls of the refill function; `stop` throws at that many. */
const run = (bytes: Uint8Array<ArrayBuffer>, quantum: number, imports: WebAssembly.Imports = {}, stop = Infinity) => {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(meterLoops(bytes)), imports)
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
  fuel.value = quantum
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
  const { exports, refills } = run(testModule({ functions: { f: counting } }), 9)
  expect((exports.f as (n: number) => number)(99)).toBe(7)
  // 1 entry and 99 loop heads, a refill after every 10
  expect(refills()).toBe(10)
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
  const { exports, refills } = run(bytes, 9)
  ;(exports.f as (n: number) => void)(99)
  expect(refills()).toBe(10)
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
  { what: 'replaces who counts', code: [...i32(0), 0xd2, 0, 0x26, 0] },
  { what: 'asks who counts', code: [...i32(0), 0x11, 1, 0] },
])('a program that $what is valid only with what is added, and refused', ({ code }) => {
  const bytes = testModule({ functions: { f: { code } } })
  expect(WebAssembly.validate(bytes)).toBe(false)
  expect(() => meterLoops(bytes)).toThrow(expect.objectContaining({ code: 'malformed-module' }))
})

test.each([
  { what: 'garbage-collected types', code: [0xfb, 0x00, 0x00], error: 'unsupported-module' },
  { what: 'an unknown opcode', code: [0xc7], error: 'unsupported-module' },
  { what: 'an unknown bulk operation', code: [0xfc, 0x20], error: 'unsupported-module' },
  { what: 'a constant without its bytes', code: [0x44, 0x00], error: 'malformed-module' },
])('$what: $error', ({ code, error }) => {
  expect(() => meterLoops(testModule({ functions: { f: { code } } }))).toThrow(expect.objectContaining({ code: error }))
})
