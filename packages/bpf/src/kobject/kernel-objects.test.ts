/** What lies at a handle: numbers at every width, text, bytes, parts; and what lies nowhere. */
import { plainObjects } from '@lsmkit/core'
import type { Sockaddr } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { Btf } from '../btf/btf.ts'
import { BtfWriter } from '../btf/btf-writer.ts'
import { kernelStructs, vmlinuxBtf, widestStruct } from '../vmlinux/index.ts'
import { KernelObjects } from './kernel-objects.ts'
import { encodeText } from './text.ts'

const types = vmlinuxBtf()
const newObjects = (end = 0xf000_0000) => new KernelObjects(types, { start: 0x8000_0000, end }, widestStruct(types))
const at = (struct: string, member: string): number => kernelStructs()[struct]!.fields[member]!.offset
const ns = {
  parent: null, level: 0, inum: 0xeffffffd, owner: 0, group: 0, uid_map: [], gid_map: [], parent_could_setfcap: true,
  flags: 0,
}
const sb = () => plainObjects.super_block(1, { name: 'tmpfs', fs_flags: 0 }, ns)

test('a number is read at every width and place, signed or not as its type is', () => {
  const objects = newObjects()
  const inode = plainObjects.inode(0o100644, sb(), 0x1234_5678_9abc)
  const here = objects.pointerTo(inode, 'inode')
  const i_ino = here + at('inode', 'i_ino')
  expect([objects.load(i_ino, 0, 8) >>> 0, objects.high]).toEqual([0x5678_9abc, 0x1234])
  expect([objects.load(i_ino + 4, 0, 4), objects.load(i_ino + 1, 0, 2)]).toEqual([0x1234, 0x789a])
  // over the borders of two members
  const i_uid = at('inode', 'i_uid')
  inode.i_uid = 0x0403_0201
  inode.i_gid = 0x0807_0605
  expect([objects.load(here + i_uid + 2, 0, 4)]).toEqual([0x0605_0403])
  inode.i_size = -1
  expect([objects.load(here + at('inode', 'i_size'), 0, 8), objects.high]).toEqual([-1, -1])
})

test('text is found behind its pointer, with zeroes behind it; names that are not UTF-8 have their bytes', () => {
  const objects = newObjects()
  const dentry = plainObjects.dentry({ name: 'a\udcff', len: 2 }, sb())
  const here = objects.pointerTo(dentry, 'dentry')
  const low = objects.load(here + at('dentry', 'd_name') + 8, 0, 8)
  const { high } = objects
  expect(objects.bytes(low, high, 4)).toEqual(Uint8Array.of(0x61, 0xff, 0, 0))
  expect(objects.bytes(low + 1, high, 1)).toEqual(Uint8Array.of(0xff))
  expect(objects.bytes(low, high + 1000, 4)).toBeNull()
  expect(encodeText('grüße')).toEqual(new TextEncoder().encode('grüße'))
  // a task's name is in the struct, with a NUL that always fits
  const cred = plainObjects.cred(ns)
  const task = plainObjects.task(1, 1, cred, cred)
  task.comm = 'a name that does not fit'
  const comm = objects.bytes(objects.pointerTo(task, 'task_struct') + at('task_struct', 'comm'), 0, 16)!
  expect(new TextDecoder().decode(comm)).toBe('a name that doe\0')
})

test('an address of a socket is what the caller passed, whatever struct it is taken for', () => {
  const objects = newObjects()
  const raw = Uint8Array.of(2, 0, 0, 80, 127, 0, 0, 1)
  const address: Sockaddr = { family: 2, addr: '127.0.0.1', port: 80, raw }
  const here = objects.pointerTo(address, 'sockaddr')
  expect(objects.bytes(here, 0, 10)).toEqual(Uint8Array.of(...raw, 0, 0))
})

test('parts of objects, roots, mounts behind their vfsmount', () => {
  const objects = newObjects()
  const dentry = plainObjects.dentry({ name: '/', len: 1 }, sb())
  const mnt = { mnt_root: dentry, mnt_sb: sb(), mnt_flags: 1, mnt_devname: 'x', mnt_parent: null }
  const path = { mnt, dentry }
  const file = plainObjects.file(1, 0, path as never, plainObjects.inode(0, sb(), 1), plainObjects.cred(ns))
  const here = objects.pointerTo(file, 'file')
  expect(objects.partAt(here + at('file', 'f_path'), 'path')).toBe(path)
  expect(objects.partAt(here + 1, 'path')).toBeNull()
  const root = objects.pointerTo(dentry, 'dentry')
  expect(objects.load(root + at('dentry', 'd_parent'), 0, 8) >>> 0).toBe(root)
  const vfsmount = objects.load(here + at('file', 'f_path'), 0, 8) >>> 0
  expect(vfsmount - at('mount', 'mnt')).toBe(objects.pointerTo(mnt, 'mount'))
})

test('what is handed to a hook and is no struct', () => {
  const objects = newObjects()
  const words = (value: unknown) => [objects.argument(value), objects.high]
  expect([words(5), words(-1), words(2 ** 40), words(true), words(null), words(() => 1)])
    .toEqual([[5, 0], [-1, -1], [0, 256], [1, 0], [0, 0], [0, 0]])
  const [low, high] = words('some text') as [number, number]
  expect(new TextDecoder().decode(objects.bytes(low, high, 9)!)).toBe('some text')
  const [ref] = words({ value: 77 }) as [number]
  expect(objects.load(ref, 0, 8)).toBe(77)
})

test('two engines number the same object, each for itself; a host may have objects of its own', () => {
  const [one, other] = [newObjects(), newObjects()]
  const shared = plainObjects.inode(0, sb(), 3)
  one.pointerTo(plainObjects.inode(0, sb(), 1), 'inode')
  const handles = [one.pointerTo(shared, 'inode'), other.pointerTo(shared, 'inode')]
  expect([one.pointerTo(shared, 'inode'), other.pointerTo(shared, 'inode')]).toEqual(handles)
  expect([one.objectAt(handles[0]!), other.objectAt(handles[1]!)]).toEqual([shared, shared])
  const own = { i_ino: 9, i_mode: true }
  const here = one.pointerTo(own, 'inode')
  one.release(0, false)
  expect(one.objectAt(here)).toBeNull()
  expect([one.pointerTo(own, 'inode'), one.load(here + at('inode', 'i_mode'), 0, 2)]).toEqual([here, 1])
})

test('a name that is not a name does not get into code', () => {
  const writer = new BtfWriter()
  const int = writer.add({
    kind: 'int', name: 'int', size: 4, bits: 32, bitOffset: 0, isSigned: true, isChar: false, isBool: false,
  })
  const name = 'i_ino || (globalThis.owned = true)'
  const member = { name, type: int, bitOffset: 0, bitSize: 0 }
  writer.add({ kind: 'struct', name: 'inode', size: 4, members: [member] })
  const objects = new KernelObjects(new Btf(writer.toBytes()), { start: 0x8000_0000, end: 0xf000_0000 }, 64)
  expect(objects.accessor('inode', 0, 4)).toMatchObject({ path: null, form: 'word' })
  const here = objects.pointerTo({ [name]: 5 }, 'inode')
  expect([objects.load(here, 0, 4), 'owned' in globalThis]).toEqual([5, false])
})

test('when all handles are taken the next pointer is null', () => {
  const objects = newObjects(0x8000_0000 + 4 * 2 ** newObjects().shift)
  const made = Array.from({ length: 5 }, () => objects.pointerTo(plainObjects.inode(0, sb(), 1), 'inode'))
  expect(made.filter((handle) => handle !== 0)).toHaveLength(3)
  expect(made.at(-1)).toBe(0)
})
