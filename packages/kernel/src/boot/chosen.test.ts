/** A kernel that is given its subsystems: what it has not, it answers as `without` does, and its code is not loaded. */
import { readFileSync } from 'node:fs'
import {
  AF_UNIX, AT_FDCWD, BPF_MAP_CREATE, CLONE_NEWIPC, CLONE_NEWNET, ENODEV, ENOENT, ENOSYS, KEY_SPEC_SESSION_KEYRING,
  KEYCTL_GET_KEYRING_ID, O_RDONLY, SOCK_STREAM,
} from '@lsmkit/abi'
import { createStack } from '@lsmkit/core'
import type { BpfEngine } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { everySubsystem } from './chosen/every.ts'
import { bpf, devpts, ipc, keys, net, overlay, proc, tracing } from './chosen/index.ts'
import { bootKernel } from '../boot.ts'
import { chosenNames } from './subsystem.ts'
import type { Subsystem } from '../boot.ts'

const boot = (subsystems: readonly Subsystem[]) =>
  bootKernel({ stack: createStack({ lsms: [], capability: 'none' }), subsystems })
type Booted = ReturnType<typeof boot>

const mount = (type: string, data: string) => ({ sys, init }: Booted): number => {
  for (const path of ['/a', '/b', '/t']) sys.mkdir(init, path, 0o755)
  return sys.mount(init, 'none', '/t', type, 0, data)
}
const events = ({ sys, init }: Booted): number =>
  Math.min(sys.openat(init, AT_FDCWD, '/sys/kernel/tracing/events', O_RDONLY, 0), 0)

test.each([
  ['overlay', overlay, mount('overlay', 'lowerdir=/a:/b'), -ENODEV],
  ['tracefs', tracing, mount('tracefs', ''), -ENODEV],
  ['its place', tracing, events, -ENOENT],
  ['proc', proc, mount('proc', ''), -ENODEV],
  ['devpts', devpts, mount('devpts', ''), -ENODEV],
  ['mqueue', ipc, mount('mqueue', ''), -ENODEV],
  ['msgget', ipc, ({ sys, init }: Booted) => Math.min(sys.msgget(init, 0, 0), 0), -ENOSYS],
  ['socket', net, ({ sys, init }: Booted) => Math.min(sys.socket(init, AF_UNIX, SOCK_STREAM, 0), 0), -ENOSYS],
  ['keyctl', keys, ({ sys, init }: Booted) =>
    Math.min(sys.keyctl(init, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1, 0, 0), 0), -ENOSYS],
] as const)('%s is there where it is given alone', (_what, subsystem, run, rc) => {
  expect(run(boot([subsystem]))).toBe(0)
  expect(run(boot([]))).toBe(rc)
  expect(run(boot(everySubsystem.filter((one) => one !== subsystem)))).toBe(rc)
})

test('bpf(2) without an engine, with the subsystem or not', () => {
  for (const given of [[], [bpf]]) {
    const { sys, init } = boot(given)
    expect(sys.bpf(init, BPF_MAP_CREATE, {})).toBe(-ENOSYS)
  }
})

test('the main entry has every subsystem', () =>
  expect(everySubsystem.map(({ name }) => name)).toEqual(chosenNames))

test.each([['none', []], ['every', everySubsystem]] as const)(
  'with %s, tasks come and go with namespaces of their own, and nothing of them is left', (_what, given) => {
    const { sys, init, machine } = boot(given)
    const round = (): number => {
      const pid = sys.fork(init)
      const child = machine.tasks.findByVpid(pid)!
      expect(sys.unshare(child, CLONE_NEWNET | CLONE_NEWIPC)).toBe(0)
      expect(sys.exit_group(child, 0)).toBe(0)
      expect(sys.wait4(init, pid, null, 0, null)).toBe(pid)
      machine.runRcu()
      return machine.memory.used
    }
    expect(round()).toBe(round())
  })

describe('what is no choice', () => {
  const stack = () => createStack({ lsms: [], capability: 'none' })
  test.each([
    ['nothing', { stack: stack() }, /subsystems/],
    ['another name', { stack: stack(), subsystems: [{ name: 'vfs', setUp() {} }] }, /@lsmkit\/kernel\/subsystems/],
    ['an engine alone', { stack: stack(), subsystems: [], bpf: () => ({}) as BpfEngine }, /the subsystem `bpf` is not/],
    ['no options', null, /subsystems/],
    ['another option', { stack: stack(), subsystems: [], overlays: true }, /overlays/],
  ])('%s', (_what, options, message) => expect(() => bootKernel(options as never)).toThrow(message))
})

/** Files that are loaded with `file`: imports of types are not. */
const loadedWith = (file: URL, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(file.pathname)) return seen
  seen.add(file.pathname)
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export|\}) (?!type )[^']*from '(\.[^']*)'/gm)
  for (const [, path] of imports) loadedWith(new URL(path!, file), seen)
  return seen
}

test.each([
  ['overlay', /\/fs\/overlay\//],
  ['tracing', /\/fs\/tracing\//],
  ['bpf', /\/src\/bpf\//],
  ['net', /\/src\/net\/(?!no-net)|\/syscalls\/socket/],
  ['ipc', /\/src\/ipc\/(?!no-ipc)/],
  ['keys', /\/src\/keys\/(?!no-keys)/],
  ['proc', /\/fs\/proc\//],
  ['devpts', /\/fs\/devpts\//],
  ['aio, fanotify, inotify, perf, quota', /\/syscalls\/(aio|fanot|inotif|perf|quota)/],
])('the entry loads no code of %s', (_name, folder) => {
  const files = [...loadedWith(new URL('../boot.ts', import.meta.url))]
  expect(files.length).toBeGreaterThan(300)
  expect(files.filter((file) => folder.test(file))).toEqual([])
  expect([...loadedWith(new URL('kernel.ts', import.meta.url))].some((file) => folder.test(file))).toBe(true)
})

test('the entry does not load the table that the page of system calls is printed from', () =>
  expect([...loadedWith(new URL('../boot.ts', import.meta.url))].filter((file) => file.endsWith('/syscalls/table.ts')))
    .toEqual([]))
