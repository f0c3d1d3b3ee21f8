/** Members that programs reach from a task: what a booted kernel has there. */
import {
  AT_FDCWD, BPF_MAP_TYPE_ARRAY, BPF_PROG_TYPE_RAW_TRACEPOINT, CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWUTS, SYS_getpgid,
} from '@lsmkit/abi'
import { bpf } from '@lsmkit/bpf'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { assemble } from '@lsmkit/bpf/insn'
import type { BpfObject, MapSpec } from '@lsmkit/bpf/object'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { expect, test } from 'vitest'

const kernelBtf = vmlinuxBtf()

/** Where a member lies, and what a pointer there points to. */
const member = (struct: string, name: string): { off: number, to: string } => {
  const [first, ...rest] = name.split('.') as [string, ...string[]]
  const found = kernelBtf.members(kernelBtf.find(struct, 'struct')).find((one) => one.name === first)!
  const type = kernelBtf.resolved(found.type)
  const at = found.bitOffset / 8
  if (rest.length > 0) {
    const inner = member(type.name, rest.join('.'))
    return { off: at + inner.off, to: inner.to }
  }
  return { off: at, to: type.kind === 'ptr' ? kernelBtf.resolved(type.type).name : type.name }
}

type Width = 'u16' | 'u32' | 'u64'

/** Follows members from the running task or an argument, and puts the last, `width` wide, into the map. */
const follow = (names: readonly string[], width: Width, extra = 0, from: Start = CURRENT): string => {
  let { struct } = from
  const loads = names.map((name, index) => {
    const { off, to } = member(struct, name)
    struct = to
    const isLast = index === names.length - 1
    return `r6 = *(${isLast ? width : 'u64'} *)(r6 +${off + (isLast ? extra : 0)})`
  })
  return [...from.code, 'if r6 == 0 goto none', ...loads, 'r1 = map[0]+0', '*(u64 *)(r1 +0) = r6', 'none:',
    'r0 = 0', 'exit'].join('\n')
}

interface Start {
  readonly hook: string
  readonly struct: string
  /** Puts the pointer into r6. */
  readonly code: readonly string[]
}
const CURRENT: Start =
  { hook: 'task_getpgid', struct: 'task_struct', code: ['call bpf_get_current_task_btf', 'r6 = r0'] }
const argumentOf = (hook: string, index: number, struct: string): Start =>
  ({ hook, struct, code: [`r6 = *(u64 *)(r1 +${index * 8})`] })

const map: MapSpec = {
  name: 'seen', symbol: 'seen', type: BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 8, maxEntries: 1, flags: 0, extra: 0n,
  pinning: 0, keyTypeId: 0, valueTypeId: 0, data: null, frozen: false, inner: null, slots: new Map(),
  structOpsTypeId: 0,
}

const objectOf = (code: string, hook: string): BpfObject => ({
  name: 'members', license: 'GPL', maps: [map], btf: null, externs: [],
  programs: [{
    name: 'look', section: `lsm/${hook}`, type: 29, expectedAttachType: 27, sleepable: false, flags: 0,
    attachTo: `bpf_lsm_${hook}`, attachBtfId: kernelBtf.find(`bpf_lsm_${hook}`, 'func'), autoload: true,
    code: assemble(code), subprograms: [{ name: 'look', start: 0, typeId: 0, isGlobal: false }], lines: [], tags: [],
    poisoned: new Map(), broken: null,
  }],
})

const machine = () => {
  const programs = bpf()
  const stack = createStack({ lsms: [capability(), programs] })
  const kernel = bootKernel({ stack, bpf: () => programs.engine(stack) })
  stack.current.task = kernel.init
  const getpgid = (): unknown => kernel.sys.getpgid(stack.current.task, 1)
  const see = (
    names: readonly string[], width: Width = 'u32', extra = 0, from: Start = CURRENT, act: () => unknown = getpgid,
  ): bigint => {
    const loaded = programs.load(stack, objectOf(follow(names, width, extra, from), from.hook))
    loaded.attachAll()
    act()
    const seen = loaded.maps.get('seen')!.get(0) as bigint
    loaded.unload()
    return seen
  }
  return { kernel, stack, see, programs }
}

test('numbers of namespaces are those of /proc/PID/ns', () => {
  const { see } = machine()
  expect(see(['nsproxy', 'uts_ns', 'ns.inum'])).toBe(0xeffffffen)
  expect(see(['nsproxy', 'ipc_ns', 'ns.inum'])).toBe(0xefffffffn)
  expect(see(['nsproxy', 'pid_ns_for_children', 'ns.inum'])).toBe(0xeffffffcn)
  expect(see(['nsproxy', 'cgroup_ns', 'ns.inum'])).toBe(0xeffffffbn)
  expect(see(['cred', 'user_ns', 'ns.inum'])).toBe(0xeffffffdn)
  expect(see(['nsproxy', 'mnt_ns', 'ns.inum'])).toBeGreaterThan(0xf0000000n - 1n)
  expect(see(['nsproxy', 'net_ns', 'ns.inum'])).toBeGreaterThan(0n)
})

test('a namespace that is left for another one', () => {
  const { kernel, stack, see } = machine()
  const before = see(['nsproxy', 'uts_ns', 'ns.inum'])
  expect(kernel.sys.unshare(stack.current.task, CLONE_NEWUTS)).toBe(0)
  expect(see(['nsproxy', 'uts_ns', 'ns.inum'])).not.toBe(before)
  expect(kernel.sys.unshare(stack.current.task, CLONE_NEWPID)).toBe(0)
  expect(see(['nsproxy', 'pid_ns_for_children', 'level'])).toBe(1n)
  expect(see(['thread_pid', 'level'])).toBe(0n)
})

test('numbers of a pid, and when its task began', () => {
  const { see } = machine()
  expect(see(['thread_pid', 'numbers'])).toBe(1n)
  expect(see(['start_time'], 'u64')).toBe(see(['start_boottime'], 'u64'))
})

test('the number of a user namespace that was made later', () => {
  const { kernel: { sys, init, machine: { tasks } }, see } = machine()
  const child = tasks.find(sys.fork(init))!
  const pid = sys.getpid(child)
  expect(sys.unshare(child, CLONE_NEWUSER)).toBe(0)
  const link = new Uint8Array(64)
  const length = sys.readlinkat(child, AT_FDCWD, `/proc/${pid}/ns/user`, link)
  const here = (names: readonly string[]): bigint => see(names, 'u32', 0, CURRENT, () => sys.getpgid(child, pid))
  const [, inum] = /^user:\[(\d+)\]$/.exec(new TextDecoder().decode(link.subarray(0, length)))!
  expect(here(['cred', 'user_ns', 'ns.inum'])).toBe(BigInt(inum!))
  expect(here(['cred', 'user_ns', 'parent', 'ns.inum'])).toBe(0xeffffffdn)
  expect(here(['cred', 'user_ns', 'uid_map.nr_extents'])).toBe(0n)
  expect(here(['cred', 'user_ns', 'parent', 'uid_map.nr_extents'])).toBe(1n)
})

test('arrays that go on behind their struct', () => {
  const { kernel, stack, see } = machine()
  expect(kernel.sys.setgroups(stack.current.task, 3, [5, 77, 900])).toBe(0)
  expect(see(['cred', 'group_info', 'ngroups'])).toBe(3n)
  expect([0, 4, 8].map((at) => see(['cred', 'group_info', 'gid'], 'u32', at))).toEqual([5n, 77n, 900n])
})

test('arguments of hooks: maps of mounts and access control lists', () => {
  const { kernel, stack, see } = machine()
  const { sys } = kernel
  const { task } = stack.current
  sys.mkdir(task, '/tmp', 0o1777)
  sys.close(task, sys.openat(task, AT_FDCWD, '/tmp/file', 0o101, 0o644))
  const chmod = () => expect(sys.chmod(task, '/tmp/file', 0o600)).toBe(0)
  expect(see(['uid_map.nr_extents'], 'u32', 0, argumentOf('inode_setattr', 0, 'mnt_idmap'), chmod)).toBe(0n)
  // struct posix_acl_xattr_header and four entries: owner, uid 7, group, mask, others
  const entries = [[1, 6, -1], [2, 5, 7], [4, 4, -1], [16, 5, -1], [32, 0, -1]] as const
  const acl = new Uint8Array(4 + entries.length * 8)
  const view = new DataView(acl.buffer)
  view.setUint32(0, 2, true)
  for (const [at, [tag, perm, id]] of entries.entries()) {
    view.setUint16(4 + at * 8, tag, true)
    view.setUint16(6 + at * 8, perm, true)
    view.setInt32(8 + at * 8, id, true)
  }
  const set = () => expect(sys.setxattr(task, '/tmp/file', 'system.posix_acl_access', acl, 0)).toBe(0)
  const from = argumentOf('inode_set_acl', 3, 'posix_acl')
  expect(see(['a_count'], 'u32', 0, from, set)).toBe(5n)
  expect(see(['a_entries'], 'u16', 8, from, set)).toBe(2n)
  expect(see(['a_entries'], 'u16', 10, from, set)).toBe(5n)
  expect(see(['a_entries'], 'u32', 12, from, set)).toBe(7n)
})

test('a raw tracepoint reads its arguments as `struct bpf_raw_tracepoint_args` has them', () => {
  const { programs, stack, kernel } = machine()
  const { off } = member('bpf_raw_tracepoint_args', 'args')
  const { programs: [look], ...object } = objectOf(
    `r6 = *(u64 *)(r1 +${off + 8})\nr1 = map[0]+0\n*(u64 *)(r1 +0) = r6\nr0 = 0\nexit`, 'task_getpgid')
  const raw = {
    ...look!, section: 'raw_tp/sys_enter', type: BPF_PROG_TYPE_RAW_TRACEPOINT, expectedAttachType: 0,
    attachTo: 'sys_enter', attachBtfId: 0,
  }
  const loaded = programs.load(stack, { ...object, programs: [raw] })
  loaded.attachAll()
  kernel.sys.getpgid(stack.current.task, 1)
  expect(loaded.maps.get('seen')!.get(0)).toBe(BigInt(SYS_getpgid))
})
