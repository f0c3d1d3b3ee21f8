/** Programs on hooks: ranges, order, links, control groups, who may load, and what a stop comes to. */
import {
  BPF_MAP_TYPE_CGROUP_STORAGE, capAssign, CAP_EMPTY_SET, EACCES, EBUSY, EINVAL, EPERM,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm } from '@lsmkit/core'
import type { Cgroup, File } from '@lsmkit/core'
import { expect, test } from 'vitest'
import type { BpfObject, MapSpec } from '../object/bpf-object.ts'
import { objectOf, program } from '../testing/text-program.ts'
import { bpf } from './bpf-lsm.ts'
import type { BpfOptions } from './bpf-lsm.ts'

const answering = (name: string, rc: number, section?: string) => program(name, `r0 = ${rc}\nexit`, section)

/** Four bytes that programs share with the outside. */
const data: MapSpec = {
  name: '.data', symbol: '.data', type: 2, keySize: 4, valueSize: 4, maxEntries: 1, flags: 0, extra: 0n, pinning: 0,
  keyTypeId: 0, valueTypeId: 0, data: new Uint8Array(4), frozen: false, inner: null, slots: new Map(),
  structOpsTypeId: 0,
}

const machine = (options: BpfOptions = {}, cgroups?: { ofTask(): Cgroup | null; ofSock(): Cgroup | null }) => {
  const programs = bpf(options)
  const stack = createStack({
    lsms: [capability(), programs], ...(cgroups === undefined ? {} : { cgroups }),
  })
  const { objects, current } = stack
  const sb = objects.super_block(1, { name: 'tmpfs', fs_flags: 0 } as never, current.task.cred.user_ns)
  const inode = objects.inode(0o100644, sb, 1)
  const file: File = objects.file(1, 0, null as never, inode, current.task.cred)
  return { programs, stack, file, ask: () => stack.lsm.file_open.ask(file) }
}

test('the last attached runs first, the first answer other than 0 counts', () => {
  const { programs, stack, ask } = machine()
  const loaded = programs.load(stack, objectOf(answering('a', -13), answering('b', 0), answering('c', -2)))
  const links = loaded.attachAll()
  expect(ask()).toBe(-2)
  links[2]!.detach()
  expect(ask()).toBe(-13)
  links[0]!.detach()
  expect(ask()).toBe(0)
  expect(links.map(({ attached }) => attached)).toEqual([false, true, false])
})

test('a program is attached once at a time, and a link takes another in its place', () => {
  const { programs, stack, ask } = machine()
  const elsewhere = answering('c', -3, 'lsm/file_lock')
  const loaded = programs.load(stack, objectOf(answering('a', -1), answering('b', -2), elsewhere))
  const link = loaded.program('a').attach()
  expect(() => loaded.program('a').attach()).toThrow(expect.objectContaining({ errno: -EBUSY }))
  link.replace(loaded.program('b'))
  expect([ask(), link.program, link.attached]).toEqual([-2, 'b', true])
  expect(() => link.replace(loaded.program('c'))).toThrow(expect.objectContaining({ errno: -EINVAL }))
  link.detach()
  expect(ask()).toBe(0)
  expect(() => link.replace(loaded.program('a'))).toThrow(expect.objectContaining({ errno: -EINVAL }))
  loaded.program('a').attach()
  expect(ask()).toBe(-1)
})

test('a program with a bad answer, or without a free licence, is not loaded; nothing is left of its object', () => {
  const { programs, stack } = machine()
  const load = (object: BpfObject) => () => programs.load(stack, object)
  expect(load(objectOf(answering('a', 0), answering('b', 1)))).toThrow(/R0 has smin=1/)
  expect(load(objectOf(program('a', 'r0 = *(u64 *)(r2 +0)\nexit')))).toThrow(/!read_ok/)
  expect(load({ ...objectOf(answering('a', 0)), license: 'Proprietary' })).toThrow(/GPL compatible/)
  expect(load(objectOf(answering('a', 0, 'lsm/inode_getsecurity')))).toThrow(/disabled hook/)
})

test('what loads must have the capabilities, and an LSM may refuse it', () => {
  const { programs, stack } = machine()
  const { cred } = stack.current.task
  capAssign(cred.cap_effective, CAP_EMPTY_SET)
  expect(() => programs.load(stack, objectOf(answering('a', 0)))).toThrow(expect.objectContaining({ errno: -EPERM }))

  const second = bpf()
  const strict = createStack({
    lsms: [capability(), second, defineLsm({ name: 'strict', abi: '1.0', hooks: { bpf_prog_load: () => -EACCES } })],
  })
  expect(() => second.load(strict, objectOf(answering('a', 0)))).toThrow(expect.objectContaining({ errno: -EACCES }))

  const third = bpf()
  const mapless = createStack({
    lsms: [capability(), third, defineLsm({ name: 'strict', abi: '1.0', hooks: { bpf_map_create: () => -EPERM } })],
  })
  expect(third.load(mapless, objectOf(answering('a', 0))).programs.size).toBe(1)
  const withMap = { ...objectOf(answering('a', 0)), maps: [data] }
  expect(() => third.load(mapless, withMap)).toThrow(expect.objectContaining({ errno: -EPERM }))
})

test('programs of a control group all run; one that answers 0 refuses, with the errno that was set', () => {
  const root: Cgroup = { parent: null }
  const child: Cgroup = { parent: root }
  const { programs, stack, ask } = machine({}, { ofTask: () => child, ofSock: () => null })
  const setting = program('sets', 'r1 = -95\ncall bpf_set_retval\nr0 = 0\nexit', 'lsm_cgroup/file_open')
  const loaded = programs.load(stack, objectOf(answering('allows', 1, 'lsm_cgroup/file_open'), setting,
    answering('refuses', 0, 'lsm_cgroup/file_open')))
  loaded.program('allows').attach({ cgroup: child })
  expect(ask()).toBe(0)
  const link = loaded.program('refuses').attach({ cgroup: root })
  expect(ask()).toBe(-EPERM)
  link.detach()
  loaded.program('sets').attach({ cgroup: root })
  expect(ask()).toBe(-95)
})

test('fmod_ret answers before all LSMs; fexit sees what came of it', () => {
  const { programs, stack, ask } = machine()
  // fexit finds the result behind the one argument, and puts it where its object keeps it
  const seen = 'r2 = *(u64 *)(r1 +8)\nr3 = map[0] + 0\n*(u32 *)(r3 +0) = r2\nr0 = 0\nexit'
  const object = objectOf(
    answering('modifies', -7, 'fmod_ret/security_file_open'), program('sees', seen, 'fexit/security_file_open'))
  const loaded = programs.load(stack, { ...object, maps: [data] })
  const links = loaded.attachAll()
  expect(ask()).toBe(-7)
  expect(loaded.maps.get('.data')!.get(0)).toBe(0x1_0000_0000 - 7)
  links[0]!.detach()
  expect(ask()).toBe(0)
  expect(loaded.maps.get('.data')!.get(0)).toBe(0)
})

test('an fmod_ret program decides nothing once its object is unloaded, in a burst of changes too', () => {
  const { programs, stack, ask } = machine()
  stack.attach('file_open', () => 0)
  const loaded = programs.load(stack, objectOf(answering('modifies', -7, 'fmod_ret/security_file_open')))
  loaded.attachAll()
  expect(ask()).toBe(-7)
  loaded.unload()
  expect([ask(), ask()]).toEqual([0, 0])
})

test.each([['deny', -EACCES], ['no-opinion', 0]] as const)('on a stop: %s', (onFault, rc) => {
  const reports: string[] = []
  const { programs, stack, ask } = machine({
    onFault,
    budget: 1000,
    onFaultReport: ({ program: name, hook, error }) => reports.push(`${name} ${hook} ${(error as Error).message}`),
  })
  // verified, but more than the machine lets a program do
  const loop = 'r0 = 0\nr1 = 5000\nl:\nr1 -= 1\nif r1 != 0 goto l\nexit'
  programs.load(stack, objectOf(program('long', loop))).attachAll()
  expect(ask()).toBe(rc)
  expect(programs.faults).toBe(1)
  expect(reports[0]).toMatch(/^long file_open .*budget/)
  expect(ask()).toBe(rc)
})

test('a program of two control groups has a value in each', () => {
  const [root, other]: Cgroup[] = [{ parent: null }, { parent: null }]
  let current = root!
  const { programs, stack, ask } = machine({}, { ofTask: () => current, ofSock: () => null })
  const storage: MapSpec = {
    ...data, name: 'calls', symbol: 'calls', type: BPF_MAP_TYPE_CGROUP_STORAGE, keySize: 8, maxEntries: 0, data: null,
  }
  const text = 'r1 = map[0]\nr2 = 0\ncall bpf_get_local_storage\n' +
    'r1 = *(u32 *)(r0 +0)\nr1 += 1\n*(u32 *)(r0 +0) = r1\nr0 = 1\nexit'
  const section = 'lsm_cgroup/file_open'
  const object = { ...objectOf(program('one', text, section), program('two', text, section)), maps: [storage] }
  const loaded = programs.load(stack, object)
  loaded.program('one').attach({ cgroup: root! })
  loaded.program('two').attach({ cgroup: other! })
  ask()
  ask()
  current = other!
  ask()
  const calls = [...loaded.maps.get('calls')!.entries()].map(([, value]) => value)
  expect(calls).toEqual([2, 1])
})
