/** The program on a kernel: what it refuses, what it counts, and that it goes without a trace. */
import { readFileSync } from 'node:fs'
import { AT_FDCWD, EACCES, O_CREAT, O_RDONLY } from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { expect, test } from 'vitest'
import { myLsm, objectUrl } from './index.ts'

const setUp = () => {
  const lsm = bpf()
  const stack = createStack({ lsms: [capability(), lsm] })
  const { sys, init, machine } = bootKernel({ stack })
  sys.openat(init, AT_FDCWD, '/notes', O_CREAT, 0o666)
  const open = (uid: number) => {
    const task = machine.tasks.find(sys.fork(init))!
    sys.setresuid(task, uid, uid, uid)
    return Math.min(0, sys.openat(task, AT_FDCWD, '/notes', O_RDONLY, 0))
  }
  return { open, attached: myLsm(lsm, stack, readFileSync(objectUrl)) }
}

test('a file belongs to whoever opens it first', () => {
  const { open, attached } = setUp()
  expect(attached.links.map(({ hook }) => hook)).toEqual(['file_open'])
  expect([open(1000), open(1001), open(1000), open(0)]).toEqual([0, -EACCES, 0, 0])
})

test('refusals are counted', () => {
  const { open, attached } = setUp()
  for (const uid of [1000, 1001, 1001, 1002]) open(uid)
  expect([1000, 1001, 1002].map((uid) => attached.refusals.get(uid))).toEqual([undefined, 2n, 1n])
})

test('unloaded, it refuses nothing', () => {
  const { open, attached } = setUp()
  expect([open(1000), open(1001)]).toEqual([0, -EACCES])
  attached.unload()
  expect(open(1001)).toBe(0)
})
