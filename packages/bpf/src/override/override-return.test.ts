/** Programs bound to call sites, without a stack. */
import { readFileSync } from 'node:fs'
import { CAP_SYS_ADMIN, EPERM } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { expect, test } from 'vitest'
import { overrideReturn } from './override-return.ts'

const deflector = new Uint8Array(readFileSync(new URL('../../objects/deflector.o', import.meta.url)))

test('a program answers at its call site; everywhere else the stubs of a kernel without LSMs do', () => {
  const road = overrideReturn({ capability: capability(), programs: [deflector] })
  const { lsm, objects, current, names, loaded, faults } = road
  const { cred } = current.task
  const sb = objects.super_block(1, { name: 'tmpfs', fs_flags: 0 } as never, cred.user_ns)
  const inode = objects.inode(0o100755, sb, 1)
  const open = (mode: number) => lsm.file_open.ask(objects.file(mode, 0, null as never, inode, cred))
  expect(names).toEqual([])
  expect([open(1), open(2)]).toEqual([0, -EPERM])
  expect(lsm.inode_unlink.ask(inode, null as never)).toBe(0)
  expect(lsm.capable.ask(cred, cred.user_ns, CAP_SYS_ADMIN, 0)).toBe(0)
  cred.cap_effective.lo = 0
  expect(lsm.capable.ask(cred, cred.user_ns, CAP_SYS_ADMIN, 0)).toBe(-EPERM)
  expect([...loaded[0]!.programs.keys()]).toEqual(['deflect_open', 'deflect_exec'])
  expect(faults).toBe(0)
})

test('what cannot be bound keeps the kernel from being built', () => {
  expect(() => overrideReturn({ capability: capability(), programs: [new Uint8Array(8)] })).toThrow()
})

test('the handle of an object that a program keeps ends with it', () => {
  const detector = new Uint8Array(readFileSync(new URL('../../objects/detector.o', import.meta.url)))
  const { lsm, objects, current } = overrideReturn({ capability: capability(), programs: [detector] })
  const { cred } = current.task
  const sb = objects.super_block(1, { name: 'tmpfs', fs_flags: 0 }, cred.user_ns)
  const root = objects.dentry({ name: '/', len: 1 }, sb)
  const path = { mnt: { mnt_root: root, mnt_sb: sb, mnt_flags: 0 } as never, dentry: root }
  const file = objects.file(1, 0, path, objects.inode(0o100644, sb, 1), cred)
  const handle = () => (file as unknown as { handle: number }).handle
  expect([lsm.file_open.ask(file), handle() > 0]).toEqual([0, true])
  lsm.file_free_security.tell(file)
  expect(handle()).toBe(-1)
})
