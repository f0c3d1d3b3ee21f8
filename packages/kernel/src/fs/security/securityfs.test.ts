/** The lsm file, and the character devices beside it. */
import { AT_FDCWD, ENOSPC, ENXIO, O_RDWR, O_WRONLY } from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'

const { sys, init, cat, fork } = bootForTest({
  lsms: [defineLsm({ name: 'second', abi: '1.0', id: 200, hooks: { file_open: () => 0 } })],
})
const dev = (name: string, flags = O_RDWR) => sys.openat(init, AT_FDCWD, `/dev/${name}`, flags, 0)

test('lsm tells who is there, in order, to everybody', () => {
  for (const task of [init, fork(init, 1000)]) expect(cat(task, '/sys/kernel/security/lsm')).toBe('capability,second')
})
test('and is not written', () => {
  const fd = sys.openat(init, AT_FDCWD, '/sys/kernel/security/lsm', O_WRONLY, 0)
  expect(fd < 0 ? fd : sys.write(init, fd, Uint8Array.of(1))).toBeLessThan(0)
})

describe('devices', () => {
  const buf = () => new Uint8Array(16).fill(7)
  test.each([
    ['null', 0, 16],
    ['zero', 16, 16],
    ['full', 16, -ENOSPC],
    ['urandom', 16, 16],
    ['random', 16, 16],
  ])('%s: %i read, %i written', (name, read, written) => {
    const fd = dev(name)
    const bytes = buf()
    expect([sys.read(init, fd, bytes), sys.write(init, fd, buf())]).toEqual([read, written])
    if (name === 'zero' || name === 'full') expect([...bytes]).toEqual(Array.from({ length: 16 }, () => 0))
  })
  test('tty without a terminal', () => expect(dev('tty')).toBe(-ENXIO))
})
