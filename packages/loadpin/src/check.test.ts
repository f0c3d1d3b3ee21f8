import {
  EPERM, LOADING_FIRMWARE, LOADING_KEXEC_IMAGE, LOADING_MODULE, READING_FIRMWARE, READING_KEXEC_IMAGE,
  READING_KEXEC_INITRAMFS, READING_MODULE, READING_POLICY, READING_UNKNOWN, READING_X509_CERTIFICATE,
} from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { aLoadPin } from '../test/pinned.ts'

describe('enforcing', () => {
  test('the first file pins its file system, whatever kind it is', () => {
    const f = aLoadPin({ enforce: true })
    const [root, other] = [f.aDisk(), f.aDisk()]
    expect(f.read(root, READING_POLICY).rc).toBe(0)
    expect(f.read(root, READING_MODULE).rc).toBe(0)
    expect(f.read(other, READING_MODULE).rc).toBe(-EPERM)
    expect(f.read(other, READING_FIRMWARE).rc).toBe(-EPERM)
    expect(f.read(root, READING_KEXEC_IMAGE).rc).toBe(0)
  })

  test.each([LOADING_MODULE, LOADING_KEXEC_IMAGE, LOADING_FIRMWARE])('bytes without a file: kind %i', (id) => {
    const f = aLoadPin({ enforce: true })
    expect(f.load(id).rc).toBe(-EPERM)
    f.read(f.aDisk(), READING_MODULE)
    expect(f.load(id).rc).toBe(-EPERM)
  })

  test('the pinned file system is unmounted: nothing is loaded any more', () => {
    const f = aLoadPin({ enforce: true })
    const [root, other] = [f.aDisk(), f.aDisk()]
    f.read(root, READING_MODULE)
    f.unmount(other)
    expect(f.read(root, READING_MODULE).rc).toBe(0)
    f.unmount(root)
    expect(f.log.at(-1)).toBe('LoadPin: umount pinned fs: refusing further loads')
    for (const sb of [root, other, f.aDisk()]) expect(f.read(sb, READING_MODULE).rc).toBe(-EPERM)
    f.setEnforce('0')
    expect(f.read(other, READING_MODULE).rc).toBe(0)
    f.setEnforce('1')
    expect(f.read(other, READING_MODULE).rc).toBe(-EPERM)
  })
})

describe('not enforcing', () => {
  test('all is allowed, and told of', () => {
    const f = aLoadPin()
    const [root, other] = [f.aDisk(), f.aDisk()]
    expect([f.read(root, READING_MODULE), f.read(other, READING_MODULE), f.load(LOADING_MODULE)].map(({ rc }) => rc))
      .toEqual([0, 0, 0])
    expect(f.log.slice(1)).toEqual([
      'LoadPin: mnt_sb lacks block device, treating as: writable',
      'LoadPin: kernel-module pinned obj="/lib/x.ko" pid=42 cmdline="insmod x.ko"',
      'LoadPin: kernel-module pinning-ignored obj="/lib/x.ko" pid=42 cmdline="insmod x.ko"',
      'LoadPin: kernel-module old-api-pinning-ignored obj=<unknown> pid=42 cmdline="insmod x.ko"',
    ])
  })

  test('after an unmount the next file pins anew', () => {
    const f = aLoadPin()
    const [root, other] = [f.aDisk(), f.aDisk()]
    f.read(root, READING_MODULE)
    f.unmount(root)
    f.read(other, READING_MODULE)
    f.setEnforce('1')
    expect(f.read(other, READING_MODULE).rc).toBe(0)
    expect(f.read(root, READING_MODULE).rc).toBe(-EPERM)
  })
})

describe('kinds that are not looked at', () => {
  test('neither pin nor are they refused', () => {
    const f = aLoadPin({ enforce: true, exclude: ['firmware'] }, 'loadpin.exclude=kernel-module,nonsense,')
    const [root, other] = [f.aDisk(), f.aDisk()]
    expect(f.read(other, READING_FIRMWARE).rc).toBe(0)
    expect(f.read(other, READING_MODULE).rc).toBe(0)
    expect(f.load(LOADING_MODULE).rc).toBe(0)
    expect(f.read(root, READING_X509_CERTIFICATE).rc).toBe(0)
    expect(f.read(other, READING_KEXEC_INITRAMFS).rc).toBe(-EPERM)
    expect(f.log).toContain('LoadPin: kernel-module pinning-excluded obj=<unknown> pid=42 cmdline="insmod x.ko"')
  })

  test('a kind without a name', () => {
    const f = aLoadPin({ enforce: true, exclude: ['unknown'] })
    expect(f.read(f.aDisk(), READING_UNKNOWN).rc).toBe(0)
    expect(f.load(1000).rc).toBe(-EPERM)
  })
})

describe('what it lies on', () => {
  test.each([
    { say: 'no device', device: null, log: ['LoadPin: mnt_sb lacks block device, treating as: writable'] },
    { say: 'a disk', device: {}, log: ['LoadPin: dm-1 (259:1): writable'] },
    {
      say: 'a disk that cannot be written to', device: { readOnly: true },
      log: ['LoadPin: dm-1 (259:1): read-only', 'LoadPin: load pinning engaged.'],
    },
  ])('$say', ({ device, log }) => {
    const f = aLoadPin()
    f.read(f.aDisk(device), READING_MODULE)
    expect(f.log.slice(1, -1)).toEqual(log)
  })
})

test('the record of a refusal says what the log does', () => {
  const f = aLoadPin({ enforce: true })
  expect(f.load(LOADING_MODULE).reason)
    .toBe('kernel-module old-api-denied obj=<unknown> pid=42 cmdline="insmod x.ko"')
  expect(f.log.at(-1)).toBe('LoadPin: kernel-module old-api-denied obj=<unknown> pid=42 cmdline="insmod x.ko"')
})
