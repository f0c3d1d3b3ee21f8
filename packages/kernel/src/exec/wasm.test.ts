/** Where a WebAssembly module has its code and its data, and files that only look like one. */
import { ENOEXEC } from '@lsmkit/abi'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { wasmLayout } from './wasm.ts'

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
const module = (...rest: number[]): Uint8Array => Uint8Array.from([...HEADER, ...rest])

test.each([
  ['empty', [], null, null],
  ['a custom section', [0, 3, 1, 0x61, 0], null, null],
  ['code', [10, 1, 0], { offset: 10, size: 1 }, null],
  ['code and data', [10, 1, 0, 11, 2, 9, 9], { offset: 10, size: 1 }, { offset: 13, size: 2 }],
  ['a size in five bytes', [10, 0x81, 0x80, 0x80, 0x80, 0x00, 7], { offset: 14, size: 1 }, null],
  ['an empty data section', [11, 0], null, { offset: 10, size: 0 }],
])('%s', (_, rest, code, data) => expect(wasmLayout(module(...rest))).toEqual({ code, data }))

test.each([
  ['another version', Uint8Array.from([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0])],
  ['a cut header', Uint8Array.from(HEADER.slice(0, 7))],
  ['no size', module(10)],
  ['a cut size', module(10, 0x80)],
  ['a size of six bytes', module(10, 0x80, 0x80, 0x80, 0x80, 0x80, 0)],
  ['a size beyond the end', module(10, 2, 0)],
  ['a size of more than 32 bits', module(10, 0xff, 0xff, 0xff, 0xff, 0x7f)],
  ['an unknown section', module(14, 0)],
])('no program: %s', (_, bytes) => expect(wasmLayout(bytes)).toBe(-ENOEXEC))

test('extents lie inside the file, whatever it holds', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (rest) => {
    const bytes = module(...rest)
    const layout = wasmLayout(bytes)
    if (typeof layout === 'number') return layout === -ENOEXEC
    return [layout.code, layout.data].every((extent) => extent === null || extent.offset + extent.size <= bytes.length)
  }), { numRuns: 2000 })
})
