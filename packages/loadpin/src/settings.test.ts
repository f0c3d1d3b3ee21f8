import { EINVAL, READING_MODULE } from '@lsmkit/abi'
import { OptionError } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { loadpin } from './lsm.ts'
import { aLoadPin } from '../test/pinned.ts'

describe('boot parameters', () => {
  test.each([
    { cmdline: '', enforce: '0\n', log: ['LoadPin: ready to pin (currently not enforcing)'] },
    { cmdline: 'loadpin.enforce=1', enforce: '1\n', log: ['LoadPin: ready to pin (currently enforcing)'] },
    { cmdline: 'loadpin.enforce=0x2', enforce: '2\n', log: ['LoadPin: ready to pin (currently enforcing)'] },
    { cmdline: 'loadpin.enforce=-1', enforce: '-1\n', log: ['LoadPin: ready to pin (currently enforcing)'] },
    {
      cmdline: 'loadpin.enforce=1 loadpin.enforce=0', enforce: '0\n',
      log: ['LoadPin: ready to pin (currently not enforcing)'],
    },
    {
      cmdline: 'loadpin.enforce=yes loadpin.enforce', enforce: '0\n',
      log: [
        'Booting kernel: `yes\' invalid for parameter `loadpin.enforce\'',
        'Booting kernel: `\' invalid for parameter `loadpin.enforce\'',
        'LoadPin: ready to pin (currently not enforcing)',
      ],
    },
    {
      cmdline: 'loadpin.exclude=firmware,kexec-image', enforce: '0\n',
      log: [
        'LoadPin: ready to pin (currently not enforcing)', 'LoadPin: excluding: firmware',
        'LoadPin: excluding: kexec-image',
      ],
    },
    {
      cmdline: 'loadpin.exclude=,,,,,,firmware,kexec-image', enforce: '0\n',
      log: [
        'Booting kernel: `,,,,,,firmware,kexec-image\' invalid for parameter `loadpin.exclude\'',
        'LoadPin: ready to pin (currently not enforcing)', 'LoadPin: excluding: firmware',
      ],
    },
  ])('`$cmdline`', ({ cmdline, enforce, log }) => {
    const f = aLoadPin({}, cmdline)
    expect(f.enforce()).toBe(enforce)
    expect(f.log).toEqual(log)
  })

  test('they have the last word over what is built in', () => {
    expect(aLoadPin({ enforce: true }, 'loadpin.enforce=0').enforce()).toBe('0\n')
  })
})

test.each([
  { exclude: ['modules'] }, { exclude: 'firmware' }, { enforce: 1 },
])('options that are none: %j', (options) => {
  expect(() => loadpin(options as object)).toThrow(OptionError)
})

describe('kernel.loadpin.enforce', () => {
  test('is where the kernel has it', () => {
    expect(aLoadPin().file('kernel/loadpin/enforce')).toMatchObject({ mode: 0o644 })
  })

  const places = [
    { say: 'before anything is pinned', device: undefined, free: false },
    { say: 'a pinned file system without a device', device: null, free: true },
    { say: 'a pinned disk', device: { readOnly: false }, free: true },
    { say: 'a pinned disk that cannot be written to', device: { readOnly: true }, free: false },
  ]
  const kernels = [
    { profile: '6.12', on: 2, nothing: 0 }, { profile: '6.18', on: -EINVAL, nothing: -EINVAL },
    { profile: '7.3', on: -EINVAL, nothing: -EINVAL },
  ] as const

  test.each(
    kernels.flatMap((kernel) => places.map((place) => ({ ...kernel, ...place }))),
  )('$profile: $say', ({ profile, on, nothing, device, free }) => {
    const f = aLoadPin({ enforce: true }, '', profile)
    if (device !== undefined) f.read(f.aDisk(device), READING_MODULE)
    expect(f.setEnforce('0')).toBe(free ? 1 : -EINVAL)
    expect(f.enforce()).toBe(free ? '0\n' : '1\n')
    expect(f.setEnforce('1\n')).toBe(free ? 2 : on)
    expect(f.setEnforce('')).toBe(free ? 0 : nothing)
    expect(f.setEnforce('2')).toBe(-EINVAL)
    expect(f.setEnforce('x')).toBe(-EINVAL)
  })
})
