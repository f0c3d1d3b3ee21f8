/** /dev/loop-control: numbers that are given, taken and refused. */
import { AT_FDCWD, EBUSY, EEXIST, EINVAL, ENODEV, ENOMEM, ENOSYS, EPERM, O_RDWR, S_IFCHR } from '@lsmkit/abi'
import { defineBlob, defineLsm } from '@lsmkit/core'
import type { BlockDevice } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { MISC_MAJOR } from './chrdev.ts'
import { LOOP_CONTROL_MINOR } from './loop-control.ts'

const [ADD, REMOVE, FREE] = [0x4c80, 0x4c81, 0x4c82]

/** `rc` is what an LSM says of a new device. */
const control = (rc = 0) => {
  const freed: string[] = []
  const bdev = defineBlob((_device: BlockDevice) => ({}), { size: 8 })
  const watch = defineLsm({ name: 'watch', abi: '1.0', id: 900, blobs: { bdev }, hooks: {
    bdev_alloc_security: () => rc,
    bdev_free_security: (device) => void freed.push(device.bd_disk),
  } })
  const { sys, init } = bootForTest({ lsms: [watch] })
  sys.mknod(init, '/c', S_IFCHR | 0o600, (MISC_MAJOR << 8) | LOOP_CONTROL_MINOR)
  const fd = sys.openat(init, AT_FDCWD, '/c', O_RDWR, 0)
  return { freed, ioctl: (cmd: number, arg: number): number => sys.ioctl(init, fd, cmd, arg) }
}

test.each<[reason: string, steps: readonly (readonly [cmd: number, arg: number, rc: number])[]]>([
  ['a number of its own, once', [[ADD, 20, 20], [ADD, 20, -EEXIST]]],
  ['-1 is the first that is free', [[ADD, -1, 8], [ADD, -1, 9], [REMOVE, 8, 8], [ADD, -1, 8]]],
  ['those from the start stay', [[ADD, 3, -EEXIST], [REMOVE, 3, -EBUSY]]],
  ['one that is not there, and none', [[REMOVE, 30, -ENODEV], [REMOVE, -1, -EINVAL]]],
  ['numbers have twenty bits', [[ADD, 1 << 20, -EINVAL], [ADD, (1 << 20) - 1, (1 << 20) - 1]]],
  ['the first without a file', [[FREE, 0, 0]]],
  ['another call', [[0x4c83, 0, -ENOSYS]]],
])('%s', (_reason, steps) => {
  const { ioctl } = control()
  expect(steps.map(([cmd, arg]) => ioctl(cmd, arg))).toEqual(steps.map(([, , rc]) => rc))
})

test('an LSM that refuses makes it ENOMEM, and nothing is left', () => {
  const { ioctl } = control(-EPERM)
  expect([ioctl(ADD, 20), ioctl(REMOVE, 20)]).toEqual([-ENOMEM, -ENODEV])
})

test('a device that was taken away is freed', () => {
  const { ioctl, freed } = control()
  ioctl(ADD, 20)
  ioctl(REMOVE, 20)
  expect(freed).toEqual(['loop20'])
})
