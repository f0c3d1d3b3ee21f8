import {
  AT_FDCWD, EACCES, EINVAL, ENAMETOOLONG, ENOENT, EPERM, LSM_INT_DMVERITY_ROOTHASH, MS_RDONLY, MS_REMOUNT, O_CREAT,
  O_WRONLY, READING_FIRMWARE,
} from '@lsmkit/abi'
import { createStack, defineLsm } from '@lsmkit/core'
import type { BlockDevice } from '@lsmkit/core'
import { expect, test } from 'vitest'
import type { BootDevice } from '../interfaces/fs.ts'
import { bootKernel } from '../boot/kernel.ts'

const boot = (refuses = false, device?: BootDevice) => {
  const asked: [string, number, number][] = []
  const devices: [BlockDevice, number, Uint8Array | null][] = []
  const lsm = defineLsm({
    name: 'watch',
    abi: '1.0',
    hooks: (ctx) => ({
      kernel_read_file(file, id) {
        asked.push([file!.f_path.dentry.d_name.name, id, ctx.current.task.pid])
        return refuses ? -EPERM : 0
      },
      bdev_setintegrity: (bdev, type, value) => (devices.push([bdev, type, value]), 0),
    }),
  })
  const stack = createStack({ lsms: [lsm], capability: 'none' })
  const kernel = bootKernel({
    stack, mounts: device === undefined ? [] : [{ type: 'tmpfs', target: '/disk', device }],
  })
  const { sys, init } = kernel
  for (const dir of ['/lib', '/lib/firmware', '/lib/firmware/updates', '/lib/firmware/dir'])
    sys.mkdir(init, dir, 0o755)
  const write = (path: string, text: string): void => {
    const fd = sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY, 0o600)
    sys.write(init, fd, new TextEncoder().encode(text))
    sys.close(init, fd)
  }
  const request = (name: string): string | number => {
    const contents = kernel.machine.firmware.request_firmware(name)
    return typeof contents === 'number' ? contents : new TextDecoder().decode(contents)
  }
  return { kernel, asked, devices, write, request }
}

test('firmware is read as the kernel itself, whoever is at work; updates come first', () => {
  const { kernel: { init, sys, machine }, asked, write, request } = boot()
  write('/lib/firmware/radio.bin', 'old')
  expect(request('radio.bin')).toBe('old')
  write('/lib/firmware/updates/radio.bin', 'new')
  const user = machine.tasks.find(sys.fork(init))!
  sys.setresuid(user, 1000, 1000, 1000)
  machine.current.task = user
  expect(request('radio.bin')).toBe('new')
  expect(machine.current.task).toBe(user)
  expect(asked).toEqual([['radio.bin', READING_FIRMWARE, 0], ['radio.bin', READING_FIRMWARE, 0]])
})

test.each([
  ['', -EINVAL], ['..', -EINVAL], ['../x', -EINVAL], ['a/../x', -EINVAL], ['a/..', -EINVAL], ['a..b', -ENOENT],
  ['none', -ENOENT], ['dir', -EINVAL], ['x'.repeat(5000), -ENAMETOOLONG],
])('firmware %j -> %i', (name, rc) => {
  expect(boot().request(name)).toBe(rc)
})

test('a refusal is an answer', () => {
  const { write, request } = boot(true)
  write('/lib/firmware/radio.bin', 'x')
  expect(request('radio.bin')).toBe(-EPERM)
})

test('the device under a mount: its number and name, its integrity, and that nobody makes it writable', () => {
  const verityRoot = Uint8Array.of(1, 2)
  const { kernel: { sys, init, machine }, devices } = boot(false, { name: 'dm-0', readOnly: true, verityRoot })
  const at = machine.vfs.user_path_at(AT_FDCWD, '/disk', 0)
  if (typeof at === 'number') throw new Error(String(at))
  const { s_bdev, s_dev, s_id } = at.mnt.mnt_sb
  expect(s_bdev).toMatchObject({ bd_disk: 'dm-0', bd_read_only: true })
  expect([s_dev, s_id]).toEqual([s_bdev!.bd_dev, 'dm-0'])
  expect(devices).toEqual([[s_bdev, LSM_INT_DMVERITY_ROOTHASH, verityRoot]])
  expect(machine.blockDevices.verityRoot(s_bdev!)).toBe(verityRoot)
  expect(sys.mount(init, null, '/disk', null, MS_REMOUNT | MS_RDONLY, null)).toBe(0)
  expect(sys.mount(init, null, '/disk', null, MS_REMOUNT, null)).toBe(-EACCES)
})
