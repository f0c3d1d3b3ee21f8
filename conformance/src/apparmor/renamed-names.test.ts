/** A file that was opened under a profile is asked by the name that it has now, whatever was renamed or mounted. */
import { AT_FDCWD, EACCES, MS_BIND, O_CREAT, O_RDONLY, O_RDWR } from '@lsmkit/abi'
import { apparmor } from '@lsmkit/apparmor/text'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { expect, test } from 'vitest'

const PROFILE = 'profile reader { /open/** r, /open/ r, /proc/** rw, deny /open/shut/** r, }'

const booted = () => {
  const stack = createStack({ lsms: [capability(), apparmor({ profiles: PROFILE })] })
  const { sys, init, machine } = bootKernel({ stack })
  const must = (rc: number): number => {
    if (rc < 0) throw new Error(String(rc))
    return rc
  }
  for (const folder of ['/open', '/open/a', '/open/shut', '/other']) must(sys.mkdir(init, folder, 0o755))
  for (const file of ['/open/a/f', '/open/g']) sys.close(init, must(sys.open(init, file, O_CREAT | O_RDWR, 0o644)))
  const task = machine.tasks.find(must(sys.fork(init)))!
  const fd = must(sys.open(task, '/proc/self/attr/current', O_RDWR, 0))
  must(sys.write(task, fd, new TextEncoder().encode('changeprofile reader')))
  sys.close(task, fd)
  return { sys, init, must, task }
}

type World = ReturnType<typeof booted>

/** Things done by process 1 between two opens by the task, and the answer to the second one. */
const rows: Readonly<Record<string, readonly [path: string, act: (world: World) => number, rc: number]>> = {
  'nothing': ['/open/a/f', () => 0, 0],
  'the file is renamed to where a rule denies': [
    '/open/shut/f', ({ sys, init }) => sys.rename(init, '/open/a/f', '/open/shut/f'), -EACCES,
  ],
  'its folder is renamed to where a rule denies': [
    '/open/shut/a/f', ({ sys, init }) => sys.rename(init, '/open/a', '/open/shut/a'), -EACCES,
  ],
  'its folder is renamed to where no rule is': [
    '/other/a/f', ({ sys, init }) => sys.rename(init, '/open/a', '/other/a'), -EACCES,
  ],
  'the folder is seen through another mount too': [
    '/other/f', ({ sys, init }) => sys.mount(init, '/open/a', '/other', null, MS_BIND, null), -EACCES,
  ],
  'a second name': ['/other/f', ({ sys, init }) => sys.link(init, '/open/a/f', '/other/f'), -EACCES],
  'another file under its name': ['/open/a/f', ({ sys, init }) => sys.rename(init, '/open/g', '/open/a/f'), 0],
}

test.each(Object.entries(rows))('%s', (_, [path, act, rc]) => {
  const world = booted()
  const { sys, must, task } = world
  const opened = (name: string): number => {
    const fd = sys.openat(task, AT_FDCWD, name, O_RDONLY, 0)
    if (fd >= 0) sys.close(task, fd)
    return Math.min(fd, 0)
  }
  for (let i = 0; i < 3; i++) must(opened('/open/a/f'))
  must(act(world))
  // as often as it takes to be remembered
  for (let i = 0; i < 3; i++) expect(opened(path)).toBe(rc)
})

test('a name that goes back is allowed again, and one that a program keeps open is not mixed up with a new one', () => {
  const { sys, init, must, task } = booted()
  const fd = must(sys.openat(task, AT_FDCWD, '/open/a/f', O_RDONLY, 0))
  for (const name of ['/open/shut/f', '/open/a/f']) {
    must(sys.rename(init, name === '/open/a/f' ? '/open/shut/f' : '/open/a/f', name))
    const rc = sys.openat(task, AT_FDCWD, name, O_RDONLY, 0)
    expect(Math.min(rc, 0)).toBe(name === '/open/a/f' ? 0 : -EACCES)
  }
  // unlinked, and opened once more through its descriptor
  must(sys.unlink(init, '/open/a/f'))
  expect(sys.openat(task, AT_FDCWD, `/proc/self/fd/${fd}`, O_RDONLY, 0)).toBeGreaterThan(0)
})
