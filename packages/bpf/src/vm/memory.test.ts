/** Memory of programs: blocks, the border between what they may read and what they may write, limits. */
import { expect, test } from 'vitest'
import { BpfMemory } from './memory.ts'

const small = () => new BpfMemory({ readOnly: 65536, data: 4 * 65536 })

test('blocks are zeroed, aligned and on their side of the border', () => {
  const memory = small()
  const data = memory.alloc(100, 64)
  const constant = memory.alloc(100, 8, 'read-only')
  expect(data % 64).toBe(0)
  expect(memory.mayWrite(data, 100)).toBe(true)
  expect(memory.mayWrite(constant, 100)).toBe(false)
  expect(memory.mayRead(constant, 100)).toBe(true)
  memory.u8.fill(7, data, data + 100)
  memory.free(data, 100)
  const again = memory.alloc(100)
  expect(memory.u8.subarray(again, again + 100).every((byte) => byte === 0)).toBe(true)
})

test('what a null pointer reaches is never readable', () => {
  const memory = small()
  expect(memory.mayRead(0, 1)).toBe(false)
  expect(memory.mayRead(4095, 1)).toBe(false)
  expect(memory.mayRead(4096, 1)).toBe(true)
  expect(memory.mayRead(memory.u8.length - 4, 8)).toBe(false)
})

test('the limit holds, and freed blocks are used again, joined', () => {
  const memory = small()
  expect(() => memory.alloc(5 * 65536)).toThrow(expect.objectContaining({ code: 'no-room' }))
  expect(memory.tryAlloc(-1)).toBe(0)
  expect(memory.tryAlloc(Number.NaN)).toBe(0)
  const blocks = Array.from({ length: 4 }, () => memory.alloc(65536))
  expect(memory.tryAlloc(65536)).toBe(0)
  for (const block of [2, 0, 1, 3]) memory.free(blocks[block]!, 65536)
  expect(memory.alloc(4 * 65536)).toBe(blocks[0])
})

test('used bytes are told', () => {
  const memory = small()
  const block = memory.alloc(1000)
  expect(memory.used).toBe(1008)
  memory.free(block, 1000)
  expect(memory.used).toBe(0)
})
