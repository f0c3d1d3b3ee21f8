/** What came after ABI 6: records and log flags (7), all threads at once (8). And what the first had not. */
import {
  AF_UNIX, AT_FDCWD, CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, EBADF, EINVAL, errnoName, EXDEV,
  LANDLOCK_ACCESS_FS_READ_FILE, LANDLOCK_ACCESS_FS_REFER, LANDLOCK_ACCESS_FS_RESOLVE_UNIX,
  LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON,
  LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF, LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF, LANDLOCK_RESTRICT_SELF_TSYNC,
  O_RDONLY, SOCK_STREAM,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { sockaddrUn } from '@lsmkit/kernel'
import type { LandlockAbi } from '@lsmkit/landlock'
import { describe, expect, test } from 'vitest'
import { aLayer, LandlockWorld } from './world.ts'

const reading = aLayer({ fs: LANDLOCK_ACCESS_FS_READ_FILE })

const restricted = (abi: LandlockAbi, flags = 0): LandlockWorld => {
  const world = new LandlockWorld({ abi })
  const fd = world.ruleset(reading)
  expect(world.kernel.sys.landlock_restrict_self(world.subject, fd, flags)).toBe(0)
  return world
}
const read = ({ kernel: { sys }, subject }: LandlockWorld, task = subject): string =>
  errnoName(sys.openat(task, AT_FDCWD, '/w/top/a/f', O_RDONLY, 0))
const texts = ({ stack }: LandlockWorld): string[] =>
  stack.audit.records.flatMap((record) => (record.kind === 'text' ? [record.text] : []))

describe('ABI 7', () => {
  test('records in the kernel\'s words: the access, and behind the first one the domain', () => {
    const world = restricted(7)
    expect([read(world), read(world)]).toEqual(['EACCES', 'EACCES'])
    const [access, domain, again, ...rest] = texts(world)
    expect(access).toMatch(/^domain=[0-9a-f]+ blockers=fs\.read_file path="\/w\/top\/a\/f" dev="tmpfs" ino=\d+$/)
    expect(domain).toMatch(/^domain=[0-9a-f]+ status=allocated mode=enforcing pid=\d+ uid=0 exe="" comm="/)
    expect(again).toBe(access)
    expect(rest).toEqual([])
  })

  test('a link has a record for each directory that refuses', () => {
    const world = new LandlockWorld({ abi: 7 })
    world.restrict(aLayer({ fs: 0x100 | LANDLOCK_ACCESS_FS_REFER, paths: [{ access: 0x100, path: 'a' }] }))
    const { kernel: { sys }, subject } = world
    expect(errnoName(sys.link(subject, 'a/f', 'c/f'))).toBe('EACCES')
    const told = texts(world).map((text) => /blockers=\S+ path="[^"]*"/.exec(text)?.[0]).filter(Boolean)
    expect(told).toEqual(['blockers=fs.refer path="/w/top/a"', 'blockers=fs.make_reg,fs.refer path="/w/top/c"'])
  })

  test('a domain that was recorded says when it ends, and how often it has refused', () => {
    const world = restricted(7)
    read(world)
    read(world)
    world.kernel.sys.exit_group(world.subject, 0)
    world.kernel.sys.wait4(world.kernel.init, -1, null, 0, null)
    world.kernel.sys.getpid(world.kernel.init)
    expect(texts(world).at(-1)).toMatch(/^domain=[0-9a-f]+ status=deallocated denials=2$/)
  })

  test.each<[what: string, flags: number, executes: boolean, isLogged: boolean]>([
    ['the program itself', 0, false, true],
    ['what it executes', 0, true, false],
    ['itself, switched off', LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF, false, false],
    ['what it executes, switched on', LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON, true, true],
  ])('%s', (_what, flags, executes, isLogged) => {
    const world = new LandlockWorld({ abi: 7 })
    const { kernel: { sys }, subject } = world
    sys.landlock_restrict_self(subject, world.ruleset(aLayer({ fs: 2 })), flags)
    if (executes) expect(sys.execve(subject, '/w/top/a/f', ['f'], [])).toBe(0)
    sys.truncate(subject, '/w/top/c/h', 0)
    expect(sys.openat(subject, AT_FDCWD, '/w/top/c/h', 1, 0)).toBeLessThan(0)
    expect(texts(world).length > 0).toBe(isLogged)
  })

  test('logs of subdomains off, without a ruleset and with one', () => {
    const world = new LandlockWorld({ abi: 7 })
    const { kernel: { sys }, subject } = world
    expect(sys.landlock_restrict_self(subject, -1, 0)).toBe(-EBADF)
    expect(sys.landlock_restrict_self(subject, -1, LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF)).toBe(0)
    sys.landlock_restrict_self(subject, world.ruleset(reading), 0)
    expect(read(world)).toBe('EACCES')
    expect(texts(world)).toEqual([])
  })

  test('below it there are no flags and no such records', () => {
    const world = restricted(6)
    expect(read(world)).toBe('EACCES')
    expect(texts(world)).toEqual([])
    expect(world.kernel.sys.landlock_restrict_self(world.subject, -1, 1)).toBe(-EINVAL)
  })
})

test('ABI 8: all threads of the process, which may have had other domains', () => {
  const world = new LandlockWorld({ abi: 8 })
  const { kernel: { sys, machine }, subject } = world
  const flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD
  const thread = machine.tasks.find(sys.clone(subject, flags, 0, null, null, 0))!
  expect(read(world, thread)).not.toBe('EACCES')
  const fd = world.ruleset(reading)
  expect(sys.landlock_restrict_self(subject, fd, LANDLOCK_RESTRICT_SELF_TSYNC)).toBe(0)
  expect([read(world), read(world, thread)]).toEqual(['EACCES', 'EACCES'])
  const other = new LandlockWorld({ abi: 7 })
  const ruleset = other.ruleset(reading)
  expect(other.kernel.sys.landlock_restrict_self(other.subject, ruleset, LANDLOCK_RESTRICT_SELF_TSYNC)).toBe(-EINVAL)
})

describe('ABI 9: sockets that a path leads to', () => {
  const connect = ({ kernel: { sys }, subject }: LandlockWorld, path: string): string => {
    const fd = sys.socket(subject, AF_UNIX, SOCK_STREAM, 0)
    const address = sockaddrUn(path)
    const rc = sys.connect(subject, fd, address, address.length)
    return rc === 0 ? 'ok' : errnoName(rc)
  }
  const serve = ({ kernel: { sys } }: LandlockWorld, task: Task, path: string): void => {
    const fd = sys.socket(task, AF_UNIX, SOCK_STREAM, 0)
    const address = sockaddrUn(path)
    expect(sys.bind(task, fd, address, address.length)).toBe(0)
    sys.listen(task, fd, 5)
  }
  const resolving = (paths: readonly string[]) => aLayer({
    fs: LANDLOCK_ACCESS_FS_RESOLVE_UNIX,
    paths: paths.map((path) => ({ access: LANDLOCK_ACCESS_FS_RESOLVE_UNIX, path })),
  })

  test('outside of the domain only where a rule names the path, inside always', () => {
    const world = new LandlockWorld({ abi: 9 })
    serve(world, world.kernel.init, '/w/top/a/server')
    serve(world, world.kernel.init, '/w/top/c/server')
    world.restrict(resolving(['a']))
    serve(world, world.subject, '/w/top/c/own')
    expect(connect(world, 'a/server')).toBe('ok')
    expect(connect(world, 'c/server')).toBe('EACCES')
    expect(connect(world, 'c/own')).toBe('ok')
    expect(texts(world)[0]).toMatch(/^domain=[0-9a-f]+ blockers=fs\.resolve_unix path="\/w\/top\/c\/server"/)
    world.restrict(resolving([]))
    expect([connect(world, 'a/server'), connect(world, 'c/own')]).toEqual(['EACCES', 'EACCES'])
  })

  test('the right is unknown before', () => {
    const world = new LandlockWorld({ abi: 8 })
    expect(() => world.ruleset(resolving([]))).toThrow('EINVAL')
  })
})

test('ABI 1 lets nothing change its directory', () => {
  const world = restricted(1)
  const { kernel: { sys }, subject } = world
  expect(sys.rename(subject, 'a/f', 'c/f')).toBe(-EXDEV)
  expect(sys.rename(subject, 'a/f', 'a/z')).toBe(0)
  expect(() => world.ruleset(aLayer({ fs: LANDLOCK_ACCESS_FS_REFER }))).toThrow('EINVAL')
})

test('a reason tells layer, right and path, in every ABI', () => {
  const world = restricted(6)
  read(world)
  expect(world.stack.audit.records.at(-1)).toMatchObject({
    kind: 'denial', hook: 'file_open', lsm: 'landlock', reason: 'layer 1 of 1 does not allow fs.read_file',
    details: { blockers: 'fs.read_file', layer: 1, layers: 1, path: '/w/top/a/f' },
  })
})
