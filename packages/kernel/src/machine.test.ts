/** A kernel's settings, and its wall clock, which stands still for as long as one system call runs. */
import { AT_FDCWD, O_CREAT, O_WRONLY } from '@lsmkit/abi'
import { createStack } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootKernel } from './boot/kernel.ts'
import { Kstat } from './state/vfs/kstat.ts'

/** Each look at the clock finds it a second later. */
const boot = () => {
  let seconds = 1000
  const stack = createStack({ lsms: [], capability: 'none' })
  const kernel = bootKernel({ stack, clock: () => seconds++ * 1000 })
  return { ...kernel, look: () => kernel.machine.now().sec }
}

test('settings that there are not keep it from booting', () => {
  const sysctl = { protected_symlink: 0 } as object
  const stack = createStack({ lsms: [], capability: 'none' })
  expect(() => bootKernel({ stack, sysctl })).toThrow(expect.objectContaining({
    code: 'unknown-option', place: 'bootKernel: sysctl', hint: 'did you mean `protected_symlinks`?',
  }))
})

test('what one call stamps has one time, what the next one stamps a later one', () => {
  const { sys, init } = boot()
  const make = (path: string) => sys.close(init, sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY, 0o644))
  const times = (path: string) => {
    const stat = new Kstat()
    sys.stat(init, path, stat)
    return [stat.btime_sec, stat.ctime_sec, stat.mtime_sec]
  }
  make('/a')
  const first = times('/a')
  expect(new Set([...first, times('/')[2]]).size).toBe(1)
  make('/b')
  expect(times('/b')[0]).toBeGreaterThan(first[0]!)
})

test('between calls it goes on, and so it does for a call that has failed', () => {
  const { sys, init, look } = boot()
  const before = look()
  expect(look()).toBe(before + 1)
  expect(sys.mkdir(init, '/', 0o755)).toBeLessThan(0)
  expect(look()).toBeGreaterThan(before + 1)
  expect(look()).toBeGreaterThan(before + 2)
})
