/** Where code may not be made from text, programs come to the same by handles and closures. */
import { readFileSync } from 'node:fs'
import { EPERM } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { expect, test, vi } from 'vitest'
import { loadAttempt } from '../fuzz/fuzz-loads.ts'
import { bpf } from './bpf-lsm.ts'

vi.mock('../vm/may-compile.ts', () => ({ mayCompile: () => false }))

test('the deflector decides the same, and its loads go through handles', () => {
  const lsm = bpf()
  const stack = createStack({ lsms: [capability(), lsm] })
  const object = new Uint8Array(readFileSync(new URL('../../objects/deflector.o', import.meta.url)))
  const loaded = lsm.load(stack, object)
  loaded.attachAll()
  const { objects, current: { task: { cred } } } = stack
  const inode = objects.inode(0o100755, objects.super_block(1, { name: 'tmpfs', fs_flags: 0 }, cred.user_ns), 1)
  const open = (mode: number) => stack.lsm.file_open.ask(objects.file(mode, 0, null as never, inode, cred))
  expect([open(1), open(2)]).toEqual([0, -EPERM])
  expect(loaded.program('deflect_open').loads.map(({ form }) => form)).toEqual(['handle', 'handle', 'handle'])
})

test('random typed programs come to what the layout says', () => {
  const outcomes = Array.from({ length: 7 }, (_, seed) => loadAttempt(seed + 1)).flat()
  expect(outcomes.flatMap(({ difference }) => difference ?? [])).toEqual([])
  const forms = new Set(outcomes.flatMap((outcome) => outcome.forms))
  expect([...forms].sort()).toEqual(['bytes', 'handle'])
})
