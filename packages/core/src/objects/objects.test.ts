import { readFileSync } from 'node:fs'
import { CAP_KILL, capCopy, capHas, capRaise } from '@lsmkit/abi'
import type { CapSet } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { renderPlain } from '../../scripts/render-objects.ts'
import { initUserNamespace } from '../commoncap/user-ns.ts'
import { plainObjects as objects } from './factories.ts'
import type { FieldTable } from './field.ts'
import { objectKinds } from './kinds.ts'

test('plain-objects.ts is what the field tables say (scripts/generate-objects.ts)', () => {
  expect(readFileSync(new URL('../generated/plain-objects.ts', import.meta.url), 'utf8')).toBe(renderPlain())
})

/** One object of each kind, hung together as a kernel would. */
const world = () => {
  const user_ns = initUserNamespace()
  const super_block = objects.super_block(0x801, { name: 'tmpfs', fs_flags: 8 }, user_ns)
  const inode = objects.inode(0o100644, super_block, 77)
  const dentry = objects.dentry({ name: 'grüße', len: 7 }, super_block)
  const cred = objects.cred(user_ns)
  const file = objects.file(1, 2, { mnt: null as never, dentry }, inode, cred)
  const task = objects.task(11, 10, cred, cred)
  return { task, cred, inode, dentry, file, super_block, socket: objects.socket(1, inode), sock: objects.sock(2, 1, 6) }
}

test.each(objectKinds)('$type: fields that are not given start at their default, without a handle', (kind) => {
  const object = world()[kind.kind as keyof ReturnType<typeof world>] as unknown as Record<string, unknown>
  for (const [name, field] of Object.entries(kind.table as FieldTable)) {
    if (field.given) continue
    const value = object[name]
    expect({ [name]: field.ctype === 'kernel_cap_t' ? capCopy(value as CapSet) : value })
      .toEqual({ [name]: field.initial() })
  }
  expect(object.handle).toBe(0)
})

test('objects do not share their parts', () => {
  const [a, b] = [objects.cred(initUserNamespace()), objects.cred(initUserNamespace())]
  capRaise(a.cap_ambient, CAP_KILL)
  expect(capHas(b.cap_ambient, CAP_KILL)).toBe(false)
  expect(a.group_info).not.toBe(b.group_info)
})
