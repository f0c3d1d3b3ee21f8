/** Kernel types out of raw sections and linked files. */
import { expect, test } from 'vitest'
import { vmlinuxBytes } from '../vmlinux/vmlinux.ts'
import { kernelTypes } from './kernel-types.ts'

/** A linked file of 64 bits with one section beside its names; `kind` 8 is one that takes no room. */
const linked = (name: string, data: Uint8Array, kind = 1): Uint8Array => {
  const names = new TextEncoder().encode(`\0${name}\0.shstrtab\0`)
  const [namesAt, tableAt] = [64 + data.length, 64 + data.length + names.length]
  const bytes = new Uint8Array(tableAt + 3 * 64)
  const view = new DataView(bytes.buffer)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  view.setBigUint64(40, BigInt(tableAt), true)
  view.setUint16(58, 64, true)
  view.setUint16(60, 3, true)
  view.setUint16(62, 2, true)
  bytes.set(data, 64)
  bytes.set(names, namesAt)
  const section = (index: number, nameAt: number, type: number, from: number, size: number): void => {
    const at = tableAt + index * 64
    view.setUint32(at, nameAt, true)
    view.setUint32(at + 4, type, true)
    view.setBigUint64(at + 24, BigInt(from), true)
    view.setBigUint64(at + 32, BigInt(size), true)
  }
  section(1, 1, kind, 64, data.length)
  section(2, 2 + name.length, 3, namesAt, names.length)
  return bytes
}

test.each([
  ['a raw section', vmlinuxBytes()], ['a linked file', linked('.BTF', vmlinuxBytes())],
])('%s', (_what, bytes) => {
  expect(kernelTypes(bytes).find('task_struct', 'struct')).toBeGreaterThan(0)
})

test.each([
  ['nothing', new Uint8Array(), 'not-btf'], ['a file without the section', linked('.BTG', vmlinuxBytes()), 'not-btf'],
  ['a section without bytes', linked('.BTF', vmlinuxBytes(), 8), 'bad-elf'],
  ['a file that is cut', linked('.BTF', vmlinuxBytes()).subarray(0, 500), 'bad-elf'],
  ['a header alone', linked('.BTF', new Uint8Array(8)).subarray(0, 40), 'bad-elf'],
])('%s is refused', (_what, bytes, code) => {
  expect(() => kernelTypes(bytes)).toThrow(expect.objectContaining({ code }) as Error)
})
