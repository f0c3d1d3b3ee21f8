import { capRaise } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { initUserNamespace } from '../commoncap/user-ns.ts'
import { credFields, taskFields } from './cred.ts'
import { dentryFields, fileFields, inodeFields } from './fs.ts'
import { layoutOf, placeOf } from './layout.ts'
import { LinearMemory } from './linear-memory.ts'
import type { GrowableMemory } from './linear-memory.ts'
import { memoryObjects } from './memory-objects.ts'

const addr = (object: object): number => (object as { addr: number }).addr

test('a layout has natural alignment and no overlaps', () => {
  const layout = layoutOf(inodeFields)
  const places = Object.values(layout.fields).sort((a, b) => a.offset - b.offset)
  for (const [index, { offset, size }] of places.entries()) {
    expect(offset % Math.min(size, 8)).toBe(0)
    expect(offset + size).toBeLessThanOrEqual(places[index + 1]?.offset ?? layout.size)
  }
  expect(layout.fields.i_mode).toEqual({ offset: 0, size: 2, form: 'unsigned' })
  expect(layout.fields.i_uid!.offset).toBe(4)
  expect(layout.size % 8).toBe(0)
})

test('a C type without a layout is refused', () => {
  expect(() => placeOf('struct mystery')).toThrow(RangeError)
})

test('numbers, pointers, sets and names lie where the layout says', () => {
  const memory = new LinearMemory()
  const objects = memoryObjects(memory)
  const u32 = (at: number) => memory.view.getUint32(at, true)
  const sb = objects.super_block(0x801, { name: 'tmpfs', fs_flags: 0 }, initUserNamespace())
  const inode = objects.inode(0o40755, sb, 0x1_0000_0002)
  const inodeAt = layoutOf(inodeFields).fields
  expect(memory.view.getUint16(addr(inode) + inodeAt.i_mode!.offset, true)).toBe(0o40755)
  expect([u32(addr(inode) + inodeAt.i_ino!.offset), u32(addr(inode) + inodeAt.i_ino!.offset + 4)]).toEqual([2, 1])
  expect(u32(addr(inode) + inodeAt.i_sb!.offset)).toBe(addr(sb))

  const cred = objects.cred(initUserNamespace())
  capRaise(cred.cap_effective, 33)
  expect(u32(addr(cred) + layoutOf(credFields).fields.cap_effective!.offset + 4)).toBe(2)

  const task = objects.task(7, 7, cred, cred)
  task.comm = 'a-name-longer-than-fifteen'
  const comm = new Uint8Array(memory.view.buffer, addr(task) + layoutOf(taskFields).fields.comm!.offset, 16)
  expect(new TextDecoder().decode(comm)).toBe('a-name-longer-t\0')

  const dentry = objects.dentry({ name: 'f', len: 1 }, sb)
  const name = addr(dentry) + layoutOf(dentryFields).fields.d_name!.offset
  expect(u32(name + 4)).toBe(1)
  expect(new Uint8Array(memory.view.buffer, u32(name + 8), 2)).toEqual(new Uint8Array([0x66, 0]))

  const mnt = { mnt_root: dentry } as never
  const file = objects.file(1, 0, { mnt, dentry }, inode, cred)
  const path = addr(file) + layoutOf(fileFields).fields.f_path!.offset
  expect(u32(path + 8)).toBe(addr(dentry))
  expect(u32(path)).toBe(memory.addressOf(mnt))
})

test('an object elsewhere has one number for life, outside of memory', () => {
  const memory = new LinearMemory()
  const a = {}
  expect(memory.addressOf(a)).toBe(memory.addressOf(a))
  expect(memory.addressOf(a)).not.toBe(memory.addressOf({}))
  expect(memory.addressOf(a)).toBeGreaterThan(memory.view.byteLength)
  expect(memory.addressOf(null)).toBe(0)
})

test('memory grows under its objects, which keep their values', () => {
  const pages: number[] = []
  const shared: GrowableMemory & { buffer: ArrayBuffer } = {
    buffer: new ArrayBuffer(65536),
    grow(more) {
      pages.push(more)
      const next = new ArrayBuffer(this.buffer.byteLength + more * 65536)
      new Uint8Array(next).set(new Uint8Array(this.buffer))
      this.buffer = next
      return 0
    },
  }
  const objects = memoryObjects(new LinearMemory(shared))
  const kept = Array.from({ length: 2000 }, (_, i) => objects.sock(2, 1, i))
  expect(pages.length).toBeGreaterThan(0)
  expect(kept.map((sk) => sk.sk_protocol)).toEqual(kept.map((_, i) => i))
})

test('objects stay below the limit of their memory', () => {
  const memory = new LinearMemory(undefined, 8192)
  const owner = {}
  expect(memory.alloc(4096, owner)).toBe(4096)
  expect(() => memory.alloc(8, owner)).toThrow(RangeError)
})
