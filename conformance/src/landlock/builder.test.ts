/** `ruleset(…).restrict(kernel, task)`, on kernels of every ABI. */
import { AT_FDCWD, EACCES, ENOENT, O_CREAT, O_RDONLY, O_WRONLY, PR_GET_NO_NEW_PRIVS } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, OptionError } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { landlock, LandlockError, ruleset } from '@lsmkit/landlock'
import type { LandlockAbi, RulesetOptions } from '@lsmkit/landlock'
import { describe, expect, test } from 'vitest'

const aKernel = (abi: LandlockAbi | null = 6) => {
  const module = landlock(abi === null ? {} : { abi })
  const stack = createStack({ lsms: [capability(), module] })
  const kernel = bootKernel({ stack, ...(abi === null ? {} : { landlock: module.engine }) })
  const { sys, init } = kernel
  for (const dir of ['/data', '/out']) sys.mkdir(init, dir, 0o755)
  sys.close(init, sys.openat(init, AT_FDCWD, '/data/table', O_CREAT | O_WRONLY, 0o755))
  const open = (path: string, flags: number) => Math.min(sys.openat(init, AT_FDCWD, path, flags, 0o644), 0)
  return { stack, kernel, sys, init, open }
}

test('what is named is granted, in the words of the options', () => {
  const { kernel, init, open, sys } = aKernel()
  const done = ruleset({ read: ['/data'], write: ['/out'], connect: [443] }).restrict(kernel, init)
  expect(done).toEqual({ abi: 6, enforced: 'full', missing: [] })
  expect(open('/data/table', O_RDONLY)).toBe(0)
  expect(open('/data/table', O_WRONLY)).toBe(-EACCES)
  expect(open('/out/log', O_CREAT | O_WRONLY)).toBe(0)
  expect(open('/out/log', O_RDONLY)).toBe(-EACCES)
  expect(sys.rename(init, '/out/log', '/out/log2')).toBe(0)
  expect(sys.rename(init, '/out/log2', '/data/log')).toBe(-EACCES)
  expect(sys.execve(init, '/data/table', [], [])).toBe(-EACCES)
  expect(sys.prctl(init, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)).toBe(1)
})

test('a plain file is granted what a file can have', () => {
  const { kernel, init, open } = aKernel()
  ruleset({ read: ['/data/table'] }).restrict(kernel, init)
  expect(open('/data/table', O_RDONLY)).toBe(0)
  expect(open('/data', O_RDONLY)).toBe(-EACCES)
})

describe('strict and best effort', () => {
  const all: RulesetOptions = { read: ['/data'], connect: [443], scope: ['signal'] }

  test('an error names the rights that the ABI lacks, and nothing is restricted', () => {
    const { kernel, init, open } = aKernel(3)
    const restrict = () => ruleset(all).restrict(kernel, init)
    expect(restrict).toThrow(LandlockError)
    expect(restrict).toThrow('Landlock ABI 3 lacks fs.ioctl_dev, net.connect_tcp, scope.signal')
    expect(() => ruleset({ read: ['/data'], abi: 3 }).restrict(kernel, init)).not.toThrow()
    expect(open('/out/x', O_CREAT | O_WRONLY)).toBe(-EACCES)
  })

  test.each<[LandlockAbi, string[]]>([
    [1, ['fs.refer', 'fs.truncate', 'fs.ioctl_dev', 'net.connect_tcp', 'scope.signal']],
    [4, ['fs.ioctl_dev', 'scope.signal']],
    [6, []],
  ])('best effort on ABI %i', (abi, missing) => {
    const { kernel, init, open } = aKernel(abi)
    const done = ruleset({ ...all, bestEffort: true }).restrict(kernel, init)
    expect(done).toEqual({ abi, enforced: missing.length === 0 ? 'full' : 'partial', missing })
    expect(open('/data/table', O_RDONLY)).toBe(0)
    expect(open('/data/table', O_WRONLY)).toBe(-EACCES)
  })

  test('a kernel without the module', () => {
    const { kernel, init, open } = aKernel(null)
    expect(() => ruleset(all).restrict(kernel, init)).toThrow('EOPNOTSUPP')
    expect(ruleset({ ...all, bestEffort: true }).restrict(kernel, init).enforced).toBe('none')
    expect(open('/data/table', O_WRONLY)).toBe(0)
  })
})

test('a path that is not there', () => {
  const { kernel, init, open, sys } = aKernel()
  const before = sys.openat(init, AT_FDCWD, '/', O_RDONLY, 0)
  sys.close(init, before)
  expect(() => ruleset({ read: ['/none'] }).restrict(kernel, init)).toThrow('`/none` cannot be opened: ENOENT')
  expect(sys.openat(init, AT_FDCWD, '/', O_RDONLY, 0)).toBe(before)
  sys.close(init, before)
  ruleset({ read: ['/none'], ignoreMissing: true }).restrict(kernel, init)
  expect(open('/none', O_RDONLY)).toBe(-ENOENT)
  expect(open('/data/table', O_RDONLY)).toBe(-EACCES)
})

test.each([
  { read: '/data' }, { paths: { '/x': ['read_fyle'] } }, { connect: [65536] }, { scope: ['signals'] }, { abi: 12 },
  { writes: ['/out'] },
])('refused: %j', (options) => {
  expect(() => ruleset(options as never)).toThrow(OptionError)
})
