import { readFileSync } from 'node:fs'
import { CAP_CHOWN, CAP_KILL, CAP_SYS_ADMIN, capCopy, capHas, capRaise, capSetOf } from '@lsmkit/abi'
import type { CapSet } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { renderMemory, renderPlain } from '../../scripts/render-objects.ts'
import { initUserNamespace } from '../commoncap/user-ns.ts'
import { plainObjects } from './factories.ts'
import type { Objects } from './factories.ts'
import type { FieldTable } from './field.ts'
import type { SuperBlock, VfsMount } from './fs.ts'
import { nop_mnt_idmap } from './fs.ts'
import { objectKinds } from './kinds.ts'
import { layoutOf } from './layout.ts'
import { LinearMemory } from './linear-memory.ts'
import { memoryObjects } from './memory-objects.ts'

test.each([
  { file: 'plain.ts', text: renderPlain() },
  { file: 'memory.ts', text: renderMemory() },
])('$file is what the field tables say (scripts/generate-objects.ts)', ({ file, text }) => {
  expect(readFileSync(new URL(file, import.meta.url), 'utf8')).toBe(text)
})

/** One object of each kind, hung together as a kernel would. */
const world = (objects: Objects) => {
  const user_ns = initUserNamespace()
  const super_block = objects.super_block(0x801, { name: 'tmpfs', fs_flags: 8 }, user_ns)
  const inode = objects.inode(0o100644, super_block, 77)
  const dentry = objects.dentry({ name: 'grüße', len: 7 }, super_block)
  dentry.d_inode = inode
  const cred = objects.cred(user_ns)
  const file = objects.file(1, 2, { mnt: mountOf(super_block), dentry }, inode, cred)
  const task = objects.task(11, 10, cred, cred)
  const socket = objects.socket(1, inode)
  const sock = objects.sock(2, 1, 6)
  return { task, cred, inode, dentry, file, super_block, socket, sock }
}
const mountOf = (mnt_sb: SuperBlock): VfsMount => ({
  mnt_root: null as never, mnt_sb, mnt_flags: 0, mnt_idmap: nop_mnt_idmap, mnt_parent: null, mnt_mountpoint: null,
  mnt_devname: 'none',
})

/** Values that every field of such a type must hold. */
const samples: Readonly<Record<string, readonly number[]>> = {
  unsigned1: [0, 255], unsigned2: [0, 0xffff], unsigned4: [0, 0x80000000, 0xffffffff],
  unsigned8: [0, 0xffffffff, 0x100000000, Number.MAX_SAFE_INTEGER],
  signed1: [-128, 127], signed2: [-32768, 32767], signed4: [-0x80000000, -1, 0x7fffffff],
  signed8: [-1, -0x100000001, 0x100000000, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
}

describe.each([
  { backend: 'plain fields', objects: () => plainObjects },
  { backend: 'views over memory', objects: () => memoryObjects(new LinearMemory()) },
])('$backend', ({ objects }) => {
  describe.each(objectKinds)('$type', ({ kind, table }) => {
    const fields = Object.entries(table as FieldTable)
    const fresh = () => world(objects())[kind as keyof ReturnType<typeof world>] as unknown as Record<string, unknown>

    test('fields that are not given start at their default', () => {
      const object = fresh()
      for (const [name, field] of fields) {
        if (field.given || name === 'd_inode') continue
        const start = field.initial() as unknown
        const value = object[name]
        const found = field.ctype === 'kernel_cap_t' ? capCopy(value as CapSet) : value
        expect({ [name]: found }).toEqual({ [name]: start })
      }
    })

    test('a number holds all its type can, and no other field moves', () => {
      const object = fresh()
      for (const [name, field] of fields) {
        if (field.kind !== 'number') continue
        const { form, size } = layoutOf(table).fields[name]!
        for (const value of samples[form + size]!) {
          const others = fields.filter(([other]) => other !== name).map(([other]) => object[other])
          object[name] = value
          expect({ [name]: object[name] }).toEqual({ [name]: value })
          expect(fields.filter(([other]) => other !== name).map(([other]) => object[other])).toEqual(others)
        }
      }
    })

    test('a reference gives back the object it was given, and null', () => {
      const object = fresh()
      for (const [name, field] of fields) {
        if (field.kind !== 'ref') continue
        const target = world(objects()).inode
        object[name] = target
        expect(object[name]).toBe(target)
        object[name] = null
        expect(object[name]).toBeNull()
      }
    })
  })

  test('a capability set is changed in place and by assignment', () => {
    const { cred } = world(objects())
    capRaise(cred.cap_effective, CAP_KILL)
    cred.cap_permitted = capSetOf(CAP_CHOWN, CAP_SYS_ADMIN)
    capRaise(cred.cap_bset, 40)
    expect(capHas(cred.cap_effective, CAP_KILL)).toBe(true)
    expect(cred.cap_permitted).toMatchObject({ lo: (1 << CAP_CHOWN) | (1 << CAP_SYS_ADMIN), hi: 0 })
    expect(cred.cap_bset).toMatchObject({ lo: 0, hi: 1 << 8 })
    expect(cred.cap_inheritable).toMatchObject({ lo: 0, hi: 0 })
  })

  test('objects do not share their parts', () => {
    const made = objects()
    const a = made.cred(initUserNamespace())
    const b = made.cred(initUserNamespace())
    capRaise(a.cap_ambient, CAP_KILL)
    expect(capHas(b.cap_ambient, CAP_KILL)).toBe(false)
    expect(a.group_info).not.toBe(b.group_info)
  })
})
