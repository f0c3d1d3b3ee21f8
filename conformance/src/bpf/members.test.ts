/** Members that programs reach from a task: what a booted kernel has there. */
import { BPF_MAP_TYPE_ARRAY, CLONE_NEWPID, CLONE_NEWUTS } from '@lsmkit/abi'
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

/** Follows members from the running task, and puts the last, `width` wide, into the map. */
const follow = (names: readonly string[], width: 'u32' | 'u64', extra = 0): string => {
  let struct = 'task_struct'
  const loads = names.map((name, index) => {
    const { off, to } = member(struct, name)
    struct = to
    const isLast = index === names.length - 1
    return `r6 = *(${isLast ? width : 'u64'} *)(r6 +${off + (isLast ? extra : 0)})`
  })
  return ['call bpf_get_current_task_btf', 'r6 = r0', ...loads, 'r1 = map[0]+0', '*(u64 *)(r1 +0) = r6', 'r0 = 0',
    'exit'].join('\n')
}

const map: MapSpec = {
  name: 'seen', symbol: 'seen', type: BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 8, maxEntries: 1, flags: 0, extra: 0n,
  pinning: 0, keyTypeId: 0, valueTypeId: 0, data: null, frozen: false, inner: null, slots: new Map(),
  structOpsTypeId: 0,
}

const objectOf = (code: string): BpfObject => ({
  name: 'members', license: 'GPL', maps: [map], btf: null, externs: [],
  programs: [{
    name: 'look', section: 'lsm/task_getpgid', type: 29, expectedAttachType: 27, sleepable: false, flags: 0,
    attachTo: 'bpf_lsm_task_getpgid', attachBtfId: kernelBtf.find('bpf_lsm_task_getpgid', 'func'), autoload: true,
    code: assemble(code), subprograms: [{ name: 'look', start: 0, typeId: 0, isGlobal: false }], lines: [], tags: [],
    poisoned: new Map(), broken: null,
  }],
})

const machine = () => {
  const programs = bpf()
  const stack = createStack({ lsms: [capability(), programs] })
  const kernel = bootKernel({ stack, bpf: () => programs.engine(stack) })
  stack.current.task = kernel.init
  const see = (names: readonly string[], width: 'u32' | 'u64' = 'u32', extra = 0): bigint => {
    const loaded = programs.load(stack, objectOf(follow(names, width, extra)))
    loaded.attachAll()
    kernel.sys.getpgid(stack.current.task, 1)
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
