/** What a program finds in the objects of a booted kernel: from hooks, at tracepoints, around calls, by iterators. */
import { readFileSync } from 'node:fs'
import {
  AF_INET, AF_INET6, AF_UNIX, AT_FDCWD, EINVAL, ENOENT, EPERM, O_CREAT, O_WRONLY, PR_SET_NAME, SO_PRIORITY, SOCK_DGRAM,
  SOL_SOCKET, syscallByName,
} from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { describe, expect, test } from 'vitest'

const object = readFileSync(new URL(import.meta.resolve('@lsmkit/bpf/objects/witness.o')))
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const inet = (port: number, address: readonly number[]): Uint8Array =>
  Uint8Array.of(AF_INET, 0, port >> 8, port & 0xff, ...address, ...new Uint8Array(8))
const inet6 = (port: number, last: number): Uint8Array =>
  Uint8Array.of(AF_INET6, 0, port >> 8, port & 0xff, 0, 0, 0, 0, ...new Uint8Array(15), last, 0, 0, 0, 0)
const unix = (path: string): Uint8Array => Uint8Array.of(AF_UNIX, 0, ...new TextEncoder().encode(`${path}\0`))

const set = (engine: 'jit' | 'interpreter') => {
  const programs = bpf({ engine })
  const stack = createStack({ lsms: [capability(), programs] })
  const kernel = bootKernel({ stack })
  const { init, sys } = kernel
  const loaded = programs.load(stack, object, { name: 'witness.o' })
  const only = (...names: string[]) => names.map((name) => loaded.program(name).attach())
  const seen = (): Record<string, unknown> =>
    Object.assign({}, loaded.maps.get('.bss')?.get(0), loaded.maps.get('.data')?.get(0)) as Record<string, unknown>
  const bound = (family: number, type: number, address: Uint8Array): number => {
    const fd = sys.socket(init, family, type, 0)
    expect(sys.bind(init, fd, address, address.length)).toBe(0)
    return fd
  }
  return { programs, stack, kernel, init, sys, loaded, only, seen, bound }
}

describe.each(['jit', 'interpreter'] as const)('on the %s', (engine) => {
  test('of the running task: its user, its group by name and number, whether something is kept beside it', () => {
    const { sys, init, only, seen } = set(engine)
    only('who')
    expect(sys.mkdir(init, '/sys/fs/cgroup/shop', 0o755)).toBe(0)
    const fd = sys.openat(init, AT_FDCWD, '/sys/fs/cgroup/shop/cgroup.procs', O_WRONLY, 0)
    expect(sys.write(init, fd, new TextEncoder().encode('1'))).toBe(1)
    sys.socket(init, AF_INET, SOCK_DGRAM, 0)
    const first = seen()
    // pids is not on in the group, so that the root rules
    expect(first).toMatchObject({ user: 0, group_level: 1, group_name: 'shop', pids_name: '', had_storage: 0,
      has_storage: 1 })
    expect(first['group_id']).toBeGreaterThan(1n)
    sys.socket(init, AF_INET, SOCK_DGRAM, 0)
    expect(seen()).toMatchObject({ had_storage: 1, has_storage: 1 })
  })

  test('ends of sockets lie in memory as on the wire; a name of AF_UNIX is a path', () => {
    const { sys, init, only, seen, bound } = set(engine)
    only('ends')
    const receiver = bound(AF_INET, SOCK_DGRAM, inet(0x1234, [127, 0, 0, 1]))
    const sender = bound(AF_INET, SOCK_DGRAM, inet(0x0102, [127, 0, 0, 1]))
    expect(sys.connect(init, sender, inet(0x1234, [127, 0, 0, 1]), 16)).toBe(0)
    sys.sendto(init, sender, Uint8Array.of(1), 1, 0, null, 0)
    expect(seen()).toMatchObject({
      local: 0x0100007f, remote: 0x0100007f, remote_port: 0x3412, number: 0x0102, inet_port: 0x0201, path_length: 0,
    })
    sys.close(init, receiver)
    const six = bound(AF_INET6, SOCK_DGRAM, inet6(77, 1))
    sys.sendto(init, six, Uint8Array.of(1), 1, 0, inet6(78, 1), 28)
    expect(seen()).toMatchObject({ local: 0, local6: [...new Uint8Array(15), 1] })
    const named = bound(AF_UNIX, SOCK_DGRAM, unix('/witness'))
    sys.sendto(init, named, Uint8Array.of(1), 1, 0, unix('/witness'), 11)
    expect(seen()).toMatchObject({ path: '/witness', path_length: 11 })
  })

  test('a program of a group sets an option of a new socket, which whoever made it may not', () => {
    const { sys, init, loaded, seen, kernel } = set(engine)
    loaded.program('prefer').attach({ cgroup: kernel.machine.cgroups.root })
    sys.setresuid(init, 1000, 1000, 1000)
    const fd = sys.socket(init, AF_INET, SOCK_DGRAM, 0)
    expect(fd).toBeGreaterThanOrEqual(0)
    expect(seen()).toMatchObject({ priority: 123, no_option: -EINVAL })
    const [out, len] = [{ value: 0 }, { value: 4 }]
    expect([sys.getsockopt(init, fd, SOL_SOCKET, SO_PRIORITY, out, len), out.value]).toEqual([0, 123])
    expect(sys.setsockopt(init, fd, SOL_SOCKET, SO_PRIORITY, 124, 4)).toBe(-EPERM)
  })

  test('a packet has its headers in front of what it carries', () => {
    const { sys, init, only, seen, bound } = set(engine)
    only('packet')
    bound(AF_INET, SOCK_DGRAM, inet(0x1234, [127, 0, 0, 1]))
    const sender = bound(AF_INET, SOCK_DGRAM, inet(0x0102, [127, 0, 0, 2]))
    sys.sendto(init, sender, Uint8Array.of(9, 8, 7, 6), 4, 0, inet(0x1234, [127, 0, 0, 1]), 16)
    const { packet_length, headers, transport, payload } = seen() as Record<string, number[]>
    expect(packet_length).toBe(12)
    expect([...headers!.slice(0, 4), headers![9]]).toEqual([0x45, 0, 0, 32, 17])
    expect(headers!.slice(12)).toEqual([127, 0, 0, 2, 127, 0, 0, 1])
    // the sum of a header with its checksum is all ones
    const sum = Array.from({ length: 10 }, (_, at) => (headers![at * 2]! << 8) | headers![at * 2 + 1]!)
      .reduce((a, b) => a + b)
    expect((sum & 0xffff) + (sum >>> 16)).toBe(0xffff)
    expect(transport).toEqual([1, 2, 0x12, 0x34, 0, 12, 0, 0])
    expect(payload).toEqual([9, 8, 7, 6])
  })

  test('tracepoints of tasks and groups', () => {
    const { sys, init, only, seen } = set(engine)
    const links = only('forked', 'executed', 'exited', 'renamed', 'group_made')
    const pid = sys.fork(init)
    expect(seen()).toMatchObject({ forks: pid, exits: 0, execs: 0 })
    const fd = sys.openat(init, AT_FDCWD, '/program', O_CREAT | O_WRONLY, 0o755)
    sys.write(init, fd, Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
    sys.close(init, fd)
    expect(sys.execve(init, '/program', ['program'], [])).toBe(0)
    expect(seen()).toMatchObject({ execs: 1, new_name: 'program' })
    sys.prctl(init, PR_SET_NAME, 'a new name', 0, 0, 0)
    sys.mkdir(init, '/sys/fs/cgroup/fresh', 0o755)
    expect(seen()).toMatchObject({ new_name: 'a new name', made_group: '/fresh' })
    sys.exit_group(init, 0)
    expect(seen()).toMatchObject({ exits: init.tgid })
    for (const link of links) link.detach()
    expect(links.map(({ attached, hook }) => [attached, hook])).toEqual([
      [false, 'sched_process_fork'], [false, 'sched_process_exec'], [false, 'sched_process_exit'],
      [false, 'task_rename'], [false, 'cgroup_mkdir'],
    ])
  })

  test('system calls: their numbers, text that they are given, what they answer; nothing once detached', () => {
    const { sys, init, only, seen, kernel } = set(engine)
    const links = only('enter', 'leave', 'open_begins', 'open_ends')
    expect(sys.openat(init, AT_FDCWD, '/no/such/file', 0, 0)).toBe(-ENOENT)
    expect(seen()).toMatchObject({
      entered: 1, left: 1, last_call: BigInt(syscallByName('openat')!), last_result: BigInt(-ENOENT),
      opened: BigInt(-ENOENT), opened_name: '/no/such/file',
    })
    sys.getpid(init)
    expect(seen()).toMatchObject({ entered: 2, left: 2, last_result: 1n, opened_name: '/no/such/file' })
    expect(kernel.machine.gate.on).toBe(true)
    for (const link of links) link.detach()
    expect(kernel.machine.gate.on).toBe(false)
    sys.getpid(init)
    expect(seen()).toMatchObject({ entered: 2 })
  })

  test('iterators go over tasks, files and groups', () => {
    const { sys, init, loaded, kernel } = set(engine)
    const child = sys.fork(init)
    expect(text(loaded.program('tasks').iterate())).toBe(`1 init\n${child} init\n`)
    const task = kernel.machine.tasks.find(child)!
    expect(text(loaded.program('tasks').iterate({ task }))).toBe(`${child} init\n`)
    const before = text(loaded.program('files').iterate({ task: init }))
    const fd = sys.openat(init, AT_FDCWD, '/', 0, 0)
    expect(text(loaded.program('files').iterate({ task: init }))).toBe(`${before}1 ${fd}\n`)
    sys.mkdir(init, '/sys/fs/cgroup/a', 0o755)
    sys.mkdir(init, '/sys/fs/cgroup/a/b', 0o755)
    expect(text(loaded.program('groups').iterate())).toBe('0 of 0\n1 of 1\n2 of 2\nend\n')
    expect(() => loaded.program('who').iterate()).toThrow('is for no iterator')
    loaded.unload()
  })
})
