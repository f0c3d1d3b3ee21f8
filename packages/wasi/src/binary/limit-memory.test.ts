import { expect, test } from 'vitest'
import { i32, op, testModule } from '../testing/module.ts'
import { limitMemory } from './limit-memory.ts'

/** Exports `grow`: what memory.grow of so many pages answers. */
const growing = (initial: number, maximum?: number) =>
  testModule({
    memory: maximum === undefined ? [initial] : [initial, maximum],
    functions: { grow: { signature: 'i:i', code: [op.local_get, 0, op.memory_grow, 0] } },
  })

const growOf = (bytes: Uint8Array<ArrayBuffer>) =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.grow as (pages: number) => number

test.each([
  { declared: [1], limit: 4, asked: 3, answer: 1, reason: 'up to the limit' },
  { declared: [1], limit: 4, asked: 4, answer: -1, reason: 'one page over' },
  { declared: [1, 100], limit: 4, asked: 4, answer: -1, reason: 'a higher maximum is lowered' },
  { declared: [1, 2], limit: 4, asked: 2, answer: -1, reason: 'a lower maximum stays' },
  { declared: [4], limit: 4, asked: 0, answer: 4, reason: 'all of it at once' },
])('$declared with $limit, grow $asked -> $answer: $reason', ({ declared, limit, asked, answer }) => {
  const [initial, maximum] = declared as [number, number?]
  expect(growOf(limitMemory(growing(initial, maximum), limit))(asked)).toBe(answer)
})

test('asking for more to begin with is refused', () => {
  expect(() => limitMemory(growing(5), 4)).toThrow(expect.objectContaining({ code: 'memory-limit' }))
})

test('a module without memory comes back as it is', () => {
  const bytes = testModule({ functions: { f: { code: i32(1).concat(op.drop) } } })
  expect(limitMemory(bytes, 1)).toBe(bytes)
})

test.each([
  { what: 'nothing', bytes: [], code: 'not-a-module' },
  { what: 'text', bytes: [0x23, 0x21, 0x2f, 0x62], code: 'not-a-module' },
  { what: 'a component', bytes: [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00], code: 'not-a-module' },
  { what: 'a section longer than the file', bytes: [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 0x7f, 1],
    code: 'malformed-module' },
  { what: 'an endless integer', bytes: [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
    code: 'malformed-module' },
  { what: 'a cut memory section', bytes: [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 2, 1, 1], code: 'malformed-module' },
  { what: 'a second memory', bytes: [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 5, 2, 0, 1, 0, 1],
    code: 'unsupported-module' },
  { what: 'a 64-bit memory', bytes: [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 1], code: 'unsupported-module' },
])('$what is $code', ({ bytes, code }) => {
  expect(() => limitMemory(Uint8Array.from(bytes), 1)).toThrow(expect.objectContaining({ code }))
})

test('every truncation of a module is an error or a module, never a hang', () => {
  const whole = growing(1)
  const errors = Array.from({ length: whole.length }, (_, length) => {
    try {
      limitMemory(whole.slice(0, length), 1)
      return 'ProgramError'
    } catch (error) {
      return (error as Error).name
    }
  })
  expect(new Set(errors)).toEqual(new Set(['ProgramError']))
})
