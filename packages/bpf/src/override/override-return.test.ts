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
