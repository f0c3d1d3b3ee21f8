/** bpf(2) by its errors and answers, as Linux 6.12.118 gave them to the same calls. */
import * as abi from '@lsmkit/abi'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { defineLsm } from '@lsmkit/core'
import { Kstat } from '@lsmkit/kernel'
import { describe, expect, test } from 'vitest'
import { bootBpf, bytes32, exit, insn, loading } from './syscall-world.ts'

const name = (rc: number): string => (rc >= 0 ? 'OK' : abi.errnoName(rc))
const { BPF_MAP_TYPE_ARRAY: ARRAY, BPF_MAP_TYPE_HASH: HASH, BPF_MAP_TYPE_QUEUE: QUEUE } = abi
const { BPF_PROG_TYPE_SOCKET_FILTER: FILTER, BPF_PROG_TYPE_XDP: XDP, BPF_PROG_TYPE_CGROUP_SKB: SKB } = abi

type World = ReturnType<typeof bootBpf>
type Case = readonly [what: string, run: (world: World) => number, errno: string]
const key = (index: number): Uint8Array => bytes32(index)
const eight = (): Uint8Array => new Uint8Array(8)

const run = (cases: readonly Case[]): void => {
  const world = bootBpf()
  for (const [what, call, errno] of cases) expect([what, name(call(world))]).toEqual([what, errno])
  expect(world.panics).toEqual([])
}
const anArray = { map_type: ARRAY, key_size: 4, value_size: 8, max_entries: 4 }
const create = (more: object): Case[1] => ({ call }) => call(abi.BPF_MAP_CREATE, { ...anArray, ...more })

test('the call itself', () => run([
  ['a size of more than a page', ({ call }) => call(0, {}, 5000), 'E2BIG'],
  ['no attr', ({ call }) => call(0, null), 'EFAULT'],
  ['a command there is not', ({ call }) => call(99, {}), 'EINVAL'],
  ['fields beyond the size are 0', ({ call }) => call(abi.BPF_MAP_CREATE, anArray, 12), 'EINVAL'],
  ['a name that is text where a number goes', ({ call }) => call(0, { map_type: 'array' }), 'EFAULT'],
]))

test('BPF_MAP_CREATE', () => run([
  ['a key of 8 of an array', ({ map }) => map(ARRAY, 8, 8, 4), 'EINVAL'],
  ['no value', ({ map }) => map(ARRAY, 4, 0, 4), 'EINVAL'],
  ['no entries', ({ map }) => map(ARRAY, 4, 8, 0), 'EINVAL'],
  ['BPF_F_NO_PREALLOC of an array', ({ map }) => map(ARRAY, 4, 8, 4, 1), 'EINVAL'],
  ['for reading and writing only', ({ map }) => map(ARRAY, 4, 8, 4, 8 | 16), 'EINVAL'],
  ['a hash without key', ({ map }) => map(HASH, 0, 8, 4), 'EINVAL'],
  ['an LRU hash not preallocated', ({ map }) => map(abi.BPF_MAP_TYPE_LRU_HASH, 4, 8, 4, 1), 'ENOTSUPP'],
  ['no type', ({ map }) => map(0, 4, 8, 4), 'EINVAL'],
  ['a type there is not', ({ map }) => map(99, 4, 8, 4), 'EINVAL'],
  ['a queue with keys', ({ map }) => map(QUEUE, 4, 8, 4), 'EINVAL'],
  ['a ring buffer of 100 bytes', ({ map }) => map(abi.BPF_MAP_TYPE_RINGBUF, 0, 0, 100), 'EINVAL'],
  ['a ring buffer', ({ map }) => map(abi.BPF_MAP_TYPE_RINGBUF, 0, 0, 4096), 'OK'],
  ['stacks of 128 frames', ({ map }) => map(abi.BPF_MAP_TYPE_STACK_TRACE, 4, 8 * 128, 4), 'EINVAL'],
  ['storage without types', ({ map }) => map(abi.BPF_MAP_TYPE_TASK_STORAGE, 4, 8, 0, 1), 'EINVAL'],
  ['an array larger than memory', ({ map }) => map(ARRAY, 4, 0x7fffffff, 100), 'ENOMEM'],
  ['a percpu value of 40000', ({ map }) => map(abi.BPF_MAP_TYPE_PERCPU_ARRAY, 4, 40000, 1), 'E2BIG'],
  ['a name with a dash', create({ map_name: 'a-b' }), 'EINVAL'],
  ['a name of 16', create({ map_name: 'a'.repeat(16) }), 'EINVAL'],
  ['map_extra', create({ map_extra: 1 }), 'EINVAL'],
  ['a type of the key alone', create({ btf_key_type_id: 1 }), 'EINVAL'],
  ['types of no descriptor', create({ btf_key_type_id: 1, btf_value_type_id: 1, btf_fd: 999 }), 'EBADF'],
  ['on a device', create({ map_ifindex: 1 }), 'EOPNOTSUPP'],
  ['on a node there is not', create({ map_flags: 4, numa_node: 9 }), 'EINVAL'],
  ['on node 0', create({ map_flags: 4 }), 'OK'],
  ['by a token of no descriptor', create({ map_flags: 0x10000, map_token_fd: 999 }), 'EBADF'],
  ['a field that the command does not have', create({ attach_type: 1 }), 'EINVAL'],
]))

test('elements', () => {
  const of = (cmd: number, which: 'm' | 'h' | 'q', at: number | null, value: Uint8Array | null, flags = 0): Case[1] =>
    (world) => world.element(cmd, maps(world)[which], at === null ? null : key(at), value, flags)
  let made: Record<'m' | 'h' | 'q', number> | null = null
  const maps = ({ map }: World) => (made ??= { m: map(ARRAY, 4, 8, 4), h: map(HASH, 4, 8, 4), q: map(QUEUE, 0, 8, 2) })
  const [lookup, update, remove, next, take] = [
    abi.BPF_MAP_LOOKUP_ELEM, abi.BPF_MAP_UPDATE_ELEM, abi.BPF_MAP_DELETE_ELEM, abi.BPF_MAP_GET_NEXT_KEY,
    abi.BPF_MAP_LOOKUP_AND_DELETE_ELEM,
  ]
  run([
    ['lookup', of(lookup, 'm', 0, eight()), 'OK'],
    ['lookup with flags', of(lookup, 'm', 0, eight(), 1), 'EINVAL'],
    ['lookup under a lock there is not', of(lookup, 'm', 0, eight(), 4), 'EINVAL'],
    ['lookup without key', of(lookup, 'm', null, eight()), 'EFAULT'],
    ['lookup in no map', ({ element }) => element(lookup, 999, key(0), eight()), 'EBADF'],
    ['lookup behind the end', of(lookup, 'm', 4, eight()), 'ENOENT'],
    ['update behind the end', of(update, 'm', 4, eight()), 'E2BIG'],
    ['an array has all elements', of(update, 'm', 0, eight(), 1), 'EEXIST'],
    ['update what is there', of(update, 'm', 0, eight(), 2), 'OK'],
    ['update with flags', of(update, 'm', 0, eight(), 9), 'EINVAL'],
    ['update without value', of(update, 'm', 0, null), 'EFAULT'],
    ['delete of an array', of(remove, 'm', 0, null), 'EINVAL'],
    ['lookup in an empty hash', of(lookup, 'h', 0, eight()), 'ENOENT'],
    ['update of what is not there', of(update, 'h', 0, eight(), 2), 'ENOENT'],
    ['a new element', of(update, 'h', 0, eight(), 1), 'OK'],
    ['again', of(update, 'h', 0, eight(), 1), 'EEXIST'],
    ['delete', of(remove, 'h', 0, null), 'OK'],
    ['delete again', of(remove, 'h', 0, null), 'ENOENT'],
    ['take what is not there', of(take, 'h', 0, eight()), 'ENOENT'],
    ['take from an array', of(take, 'm', 0, eight()), 'ENOTSUPP'],
    ['peek into an empty queue', of(lookup, 'q', null, eight()), 'ENOENT'],
    ['push', of(update, 'q', null, eight()), 'OK'],
    ['peek', of(lookup, 'q', null, eight()), 'OK'],
    ['peek with a key', of(lookup, 'q', 0, eight()), 'EINVAL'],
    ['pop', of(take, 'q', null, eight()), 'OK'],
    ['pop with flags', of(take, 'q', null, eight(), 4), 'EINVAL'],
    ['pop again', of(take, 'q', null, eight()), 'ENOENT'],
    ['delete of a queue', of(remove, 'q', null, null), 'EINVAL'],
    ['keys of a queue', of(next, 'q', null, eight()), 'EINVAL'],
    ['first key', of(next, 'm', null, eight()), 'OK'],
    ['key after the last', of(next, 'm', 3, eight()), 'ENOENT'],
    ['key after one there is not', of(next, 'm', 9, eight()), 'OK'],
    ['first key of an empty hash', of(next, 'h', null, eight()), 'ENOENT'],
  ])
})

test('batches', () => {
  const world = bootBpf()
  const [array, hash, queue] = [world.map(ARRAY, 4, 8, 4), world.map(HASH, 4, 8, 4), world.map(QUEUE, 0, 8, 2)]
  const [keys, values, out] = [new Uint8Array(32), new Uint8Array(64), new Uint8Array(4)]
  const batch = (cmd: number, map_fd: number, count: number, more: object = {}) => {
    const attr = { map_fd, count, keys, values, out_batch: out, ...more }
    return [name(world.call(cmd, attr)), attr.count]
  }
  expect(batch(abi.BPF_MAP_LOOKUP_BATCH, array, 2)).toEqual(['OK', 2])
  expect(batch(abi.BPF_MAP_LOOKUP_BATCH, array, 8, { in_batch: out })).toEqual(['ENOENT', 2])
  expect(batch(abi.BPF_MAP_DELETE_BATCH, array, 2)).toEqual(['ENOTSUPP', 2])
  expect(batch(abi.BPF_MAP_UPDATE_BATCH, array, 2)).toEqual(['OK', 2])
  expect(batch(abi.BPF_MAP_LOOKUP_AND_DELETE_BATCH, array, 2)).toEqual(['ENOTSUPP', 2])
  expect(batch(abi.BPF_MAP_LOOKUP_BATCH, hash, 4)).toEqual(['ENOENT', 0])
  keys.set(bytes32(5, 6))
  expect(batch(abi.BPF_MAP_UPDATE_BATCH, hash, 2)).toEqual(['OK', 2])
  expect(batch(abi.BPF_MAP_LOOKUP_AND_DELETE_BATCH, hash, 8)).toEqual(['ENOENT', 2])
  expect(batch(abi.BPF_MAP_DELETE_BATCH, hash, 2)).toEqual(['ENOENT', 0])
  expect(batch(abi.BPF_MAP_LOOKUP_BATCH, array, 2, { elem_flags: 1 })).toEqual(['EINVAL', 2])
  expect(batch(abi.BPF_MAP_LOOKUP_BATCH, array, 0)).toEqual(['OK', 0])
  expect(batch(abi.BPF_MAP_LOOKUP_BATCH, queue, 1)).toEqual(['ENOTSUPP', 1])
})

test('maps that are frozen, that are for reading or writing, that hold maps', () => {
  const update = (world: World, fd: number, at = 0, value: Uint8Array = eight(), flags = 0): number =>
    world.element(abi.BPF_MAP_UPDATE_ELEM, fd, key(at), value, flags)
  const freeze = ({ call }: World, map_fd: number): number => call(abi.BPF_MAP_FREEZE, { map_fd })
  const world = bootBpf()
  const [plain, ro, wo] = [world.map(ARRAY, 4, 8, 4), world.map(ARRAY, 4, 8, 4, 8), world.map(ARRAY, 4, 8, 4, 16)]
  expect([freeze(world, plain), freeze(world, plain), update(world, plain)].map(name)).toEqual(['OK', 'EPERM', 'EPERM'])
  expect([freeze(world, ro), update(world, ro)].map(name)).toEqual(['EPERM', 'EPERM'])
  expect(name(world.element(abi.BPF_MAP_LOOKUP_ELEM, wo, key(0), eight()))).toBe('EPERM')
  const inner = world.map(ARRAY, 4, 8, 4)
  const more = { inner_map_fd: inner }
  const outer = world.map(abi.BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 2, 0, more)
  const four = new Uint8Array(4)
  expect(name(world.element(abi.BPF_MAP_LOOKUP_ELEM, outer, key(0), four))).toBe('ENOENT')
  expect(name(update(world, outer, 0, bytes32(inner)))).toBe('OK')
  expect(name(world.element(abi.BPF_MAP_LOOKUP_ELEM, outer, key(0), four))).toBe('OK')
  expect(world.ids(abi.BPF_MAP_GET_NEXT_ID)).toContain(four[0])
  expect(name(update(world, outer, 0, bytes32(999)))).toBe('EBADF')
  expect(name(update(world, outer, 0, bytes32(world.map(HASH, 4, 8, 4))))).toBe('EINVAL')
  expect(name(update(world, outer, 0, bytes32(inner), 1))).toBe('EINVAL')
  expect(name(update(world, outer, 5, bytes32(inner)))).toBe('E2BIG')
  const drop = (at: number) => name(world.element(abi.BPF_MAP_DELETE_ELEM, outer, key(at), null))
  expect([drop(5), drop(0), drop(0)]).toEqual(['E2BIG', 'OK', 'ENOENT'])
  const nested = (inner_map_fd: number) => name(world.map(abi.BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 2, 0, { inner_map_fd }))
  expect([nested(outer), nested(999)]).toEqual(['EINVAL', 'EBADF'])
})

describe('BPF_PROG_LOAD', () => {
  const load = (more: object): Case[1] => ({ program }) => program(FILTER, 0, { ...more })
  const oneFunction = { func_info_cnt: 1, func_info_rec_size: 8, func_info: eight() }
  test('refusals', () => run([
    ['a filter', ({ program }) => program(FILTER), 'OK'],
    ['no instructions', load({ insn_cnt: 0 }), 'E2BIG'],
    ['no exit', load({ insn_cnt: 1 }), 'EINVAL'],
    ['two million', load({ insn_cnt: 2000000 }), 'E2BIG'],
    ['no type', ({ program }) => program(0), 'EINVAL'],
    ['a type there is not', ({ program }) => program(99), 'EINVAL'],
    ['attached elsewhere', ({ program }) => program(SKB, 5), 'EINVAL'],
    ['of a control group', ({ program }) => program(SKB), 'OK'],
    ['an LSM program without hook', ({ program }) => program(29, abi.BPF_LSM_MAC), 'EINVAL'],
    ['a syscall program that may not sleep', ({ program }) => program(abi.BPF_PROG_TYPE_SYSCALL), 'EINVAL'],
    ['no license', load({ license: null }), 'EFAULT'],
    ['nothing to load', load({ insns: null }), 'EFAULT'],
    ['flags there are not', load({ prog_flags: 0x200 }), 'EINVAL'],
    ['a level without buffer', load({ log_level: 1 }), 'OK'],
    ['a buffer without size', load({ log_level: 1, log_buf: new Uint8Array(64) }), 'EINVAL'],
    ['a buffer without level', load({ log_size: 64, log_buf: new Uint8Array(64) }), 'EINVAL'],
    ['a level there is not', load({ log_level: 16, log_size: 64, log_buf: new Uint8Array(64) }), 'EINVAL'],
    ['a hook for a filter', load({ attach_btf_id: 5 }), 'EINVAL'],
    ['a target of no descriptor', load({ attach_prog_fd: 999 }), 'EINVAL'],
    ['types of no descriptor', load({ ...oneFunction, prog_btf_fd: 999 }), 'EBADF'],
    ['a name with a space', load({ prog_name: 'a b' }), 'EINVAL'],
    ['by a token that is a map', ({ map, program }) =>
      program(FILTER, 0, { prog_flags: 0x10000, prog_token_fd: map(ARRAY, 4, 8, 4) }), 'EINVAL'],
  ]))

  test('maps by descriptor and by index', () => {
    const of = (src: number, imm: (world: World) => number, more: (world: World) => object = () => ({})): Case[1] =>
      (world) => world.program(FILTER, 0, { insns: loading(src, imm(world)), insn_cnt: 4, ...more(world) })
    const hash = ({ map }: World) => map(HASH, 4, 8, 4)
    run([
      ['no descriptor', of(1, () => 999), 'EBADF'],
      ['a program', of(1, ({ program }) => program(FILTER)), 'EINVAL'],
      ['a map', of(1, hash), 'OK'],
      ['by index', of(5, () => 0, (world) => ({ fd_array: bytes32(hash(world)) })), 'OK'],
      ['by index a program', of(5, () => 0, ({ program }) => ({ fd_array: bytes32(program(FILTER)) })), 'EINVAL'],
      ['by index without array', of(5, () => 0), 'EPROTO'],
      ['the value of a hash', of(2, hash), 'EINVAL'],
    ])
  })

  test('somebody without capabilities, where unprivileged BPF is on, has no address told', () => {
    const { machine, sys, fork, as, program, panics } = bootBpf()
    const user = fork()
    sys.setresuid(user, 1000, 1000, 1000)
    as(user)
    // r0 = r10; exit
    const address = { insns: Uint8Array.from([...insn(0xbf, 0, 10, 0, 0), ...exit]) }
    const loads = () => [program(FILTER), program(SKB), program(XDP), program(FILTER, 0, address)].map(name)
    expect(loads()).toEqual(['EPERM', 'EPERM', 'EPERM', 'EPERM'])
    machine.sysctl.unprivileged_bpf_disabled = 0
    expect(loads()).toEqual(['OK', 'OK', 'EPERM', 'EACCES'])
    as(machine.tasks.find(1)!)
    expect([name(program(FILTER, 0, address)), panics]).toEqual(['OK', []])
  })

  test('the log: its end, or its beginning', () => {
    const { program } = bootBpf()
    const logged = (log_level: number) => {
      const log_buf = new Uint8Array(64)
      const attr = { log_level, log_size: 64, log_buf }
      const rc = program(FILTER, 0, attr)
      return [name(rc), new TextDecoder().decode(log_buf).replace(/\0$/, '')]
    }
    expect(logged(1)).toEqual([
      'ENOSPC', 'max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n',
    ])
    expect(logged(9)).toEqual(['ENOSPC', 'processed 2 insns (limit 1000000) max_states_per_insn 0 total_s'])
  })
})

test('BPF_PROG_TEST_RUN', () => {
  const on = (type: number, size: number, more: object = {}, load: object = {}): Case[1] => ({ call, program }) => {
    const prog_fd = program(type, 0, { ...load })
    const data = size === 0 ? {} : { data_in: new Uint8Array(size), data_size_in: size }
    return call(abi.BPF_PROG_TEST_RUN, { prog_fd, ...data, ...more })
  }
  const out = (size: number) => ({ data_out: new Uint8Array(size), data_size_out: size })
  const sleeps = { prog_flags: abi.BPF_F_SLEEPABLE }
  const context = (size: number) => ({ ctx_in: new Uint8Array(size), ctx_size_in: size })
  const { BPF_PROG_TYPE_SYSCALL: SYSCALL, BPF_PROG_TYPE_RAW_TRACEPOINT: RAW } = abi
  run([
    ['a packet', on(FILTER, 64), 'OK'],
    ['and its end', on(FILTER, 64, out(64)), 'OK'],
    ['too little room', on(FILTER, 64, out(10)), 'ENOSPC'],
    ['less than a header', on(FILTER, 13), 'EINVAL'],
    ['a header', on(FILTER, 14), 'OK'],
    ['more than a page', on(FILTER, 4000), 'EINVAL'],
    ['a frame of more than a page', on(XDP, 4000), 'OK'],
    ['XDP on less than a header', on(XDP, 13), 'EINVAL'],
    ['no program', ({ call }) => call(abi.BPF_PROG_TEST_RUN, { prog_fd: 999 }), 'EBADF'],
    ['a map', ({ call, map }) => call(abi.BPF_PROG_TEST_RUN, { prog_fd: map(ARRAY, 4, 8, 4) }), 'EINVAL'],
    ['a size without context', on(FILTER, 64, { ctx_size_in: 8 }), 'EINVAL'],
    ['a syscall program', on(SYSCALL, 0, {}, sleeps), 'OK'],
    ['with a context', on(SYSCALL, 0, context(16), sleeps), 'OK'],
    ['repeated', on(SYSCALL, 0, { repeat: 2 }, sleeps), 'EINVAL'],
    ['on a packet', on(SYSCALL, 64, {}, sleeps), 'EINVAL'],
    ['a raw tracepoint', on(RAW, 0, context(16)), 'OK'],
    ['with too many arguments', on(RAW, 0, context(200)), 'EINVAL'],
    ['an LSM program', ({ call, lsmProgram }) =>
      call(abi.BPF_PROG_TEST_RUN, { prog_fd: lsmProgram('file_open', 0) }), 'ENOTSUPP'],
  ])
})

test('attaching', () => {
  const link = (type: number, attach_type: number, more: object = {}): Case[1] => ({ call, program }) =>
    call(abi.BPF_LINK_CREATE, { prog_fd: program(type), attach_type, ...more })
  const attach = (cmd: number, type: number | null, attach_type: number, more: object = {}): Case[1] =>
    ({ call, program }) =>
      call(cmd, { attach_bpf_fd: type === null ? 0 : program(type), attach_type, target_fd: 999, ...more })
  const query = (attach_type: number, more: object = {}): Case[1] => ({ call }) =>
    call(abi.BPF_PROG_QUERY, { target_fd: 999, attach_type, ...more })
  const open = (type: number, more: object = {}): Case[1] => ({ call, program }) =>
    call(abi.BPF_RAW_TRACEPOINT_OPEN, { prog_fd: program(type), ...more })
  const { BPF_PROG_ATTACH: ATTACH, BPF_PROG_DETACH: DETACH, BPF_PROG_TYPE_RAW_TRACEPOINT: RAW } = abi
  run([
    ['a filter at a tracepoint', open(FILTER), 'EINVAL'],
    ['a tracepoint without name', open(RAW), 'EFAULT'],
    ['a tracepoint there is not', open(RAW, { name: 'nope' }), 'ENOENT'],
    ['nothing at a tracepoint', ({ call }) => call(abi.BPF_RAW_TRACEPOINT_OPEN, { prog_fd: 999 }), 'EBADF'],
    ['a link of a filter', link(FILTER, 0), 'EINVAL'],
    ['a link of nothing', ({ call }) => call(abi.BPF_LINK_CREATE, { prog_fd: 999 }), 'EBADF'],
    ['on no device', link(XDP, abi.BPF_XDP), 'EINVAL'],
    ['on no control group', link(SKB, 0, { target_fd: 999 }), 'EBADF'],
    ['with flags', link(SKB, 0, { flags: 1 }), 'EINVAL'],
    ['of a raw tracepoint', link(RAW, 0), 'EINVAL'],
    ['on no perf event', link(abi.BPF_PROG_TYPE_KPROBE, abi.BPF_PERF_EVENT), 'EBADF'],
    ['of struct_ops', link(FILTER, abi.BPF_STRUCT_OPS), 'EINVAL'],
    ['to no control group', attach(ATTACH, SKB, 0), 'EBADF'],
    ['a program of another type', attach(ATTACH, FILTER, 0), 'EINVAL'],
    ['by a type there is not', attach(ATTACH, FILTER, 99), 'EINVAL'],
    ['with flags there are not', attach(ATTACH, SKB, 0, { attach_flags: 0x100 }), 'EINVAL'],
    ['XDP', attach(ATTACH, XDP, abi.BPF_XDP), 'EINVAL'],
    ['to no device', attach(ATTACH, abi.BPF_PROG_TYPE_SCHED_CLS, abi.BPF_TCX_INGRESS), 'ENODEV'],
    ['off no control group', attach(DETACH, null, 0), 'EBADF'],
    ['off with flags', attach(DETACH, null, 0, { attach_flags: 1 }), 'EINVAL'],
    ['off by a type there is not', attach(DETACH, null, 99), 'EINVAL'],
    ['off no device', attach(DETACH, null, abi.BPF_TCX_INGRESS), 'ENODEV'],
    ['off an LSM', attach(DETACH, null, abi.BPF_LSM_MAC), 'EBADF'],
    ['asked of no control group', query(0), 'EBADF'],
    ['asked of LSMs', query(abi.BPF_LSM_MAC), 'EINVAL'],
    ['asked of no name space', query(abi.BPF_FLOW_DISSECTOR), 'EBADF'],
    ['asked of no device', query(abi.BPF_TCX_INGRESS), 'ENODEV'],
    ['asked with flags', query(0, { query_flags: 2 }), 'EINVAL'],
    ['update of no link', ({ call }) => call(abi.BPF_LINK_UPDATE, { link_fd: 999 }), 'EBADF'],
    ['update of a program', ({ call, program }) => call(abi.BPF_LINK_UPDATE, { link_fd: program(FILTER) }), 'EINVAL'],
    ['detach of a program', ({ call, program }) => call(abi.BPF_LINK_DETACH, { link_fd: program(FILTER) }), 'EINVAL'],
    ['an iterator of a program', ({ call, program }) =>
      call(abi.BPF_ITER_CREATE, { link_fd: program(FILTER) }), 'EINVAL'],
    ['statistics there are not', ({ call }) => call(abi.BPF_ENABLE_STATS, { type: 1 }), 'EINVAL'],
    ['statistics', ({ call }) => call(abi.BPF_ENABLE_STATS, {}), 'OK'],
    ['a map bound twice', ({ call, map, program }) => {
      const bound = { prog_fd: program(FILTER), map_fd: map(ARRAY, 4, 8, 4) }
      return call(abi.BPF_PROG_BIND_MAP, bound) || call(abi.BPF_PROG_BIND_MAP, bound)
    }, 'OK'],
  ])
})

test('numbers, and what they stand for', () => run([
  ['the largest', ({ call }) => call(abi.BPF_PROG_GET_NEXT_ID, { start_id: 0x7fffffff }), 'EINVAL'],
  ['after all', ({ call }) => call(abi.BPF_PROG_GET_NEXT_ID, { start_id: 0x7ffffffe }), 'ENOENT'],
  ['of nobody', ({ call }) => call(abi.BPF_PROG_GET_FD_BY_ID, { prog_id: 99999 }), 'ENOENT'],
  ['with a tail', ({ call }) => call(abi.BPF_PROG_GET_FD_BY_ID, { prog_id: 1, next_id: 1 }), 'EINVAL'],
  ['of no map', ({ call }) => call(abi.BPF_MAP_GET_FD_BY_ID, { map_id: 99999, next_id: 3 }), 'ENOENT'],
  ['of a map, both ways only', ({ call }) => call(abi.BPF_MAP_GET_FD_BY_ID, { map_id: 1, open_flags: 24 }), 'EINVAL'],
  ['of a map, with flags', ({ call }) => call(abi.BPF_MAP_GET_FD_BY_ID, { map_id: 1, open_flags: 4 }), 'EINVAL'],
  ['info of nothing', ({ call }) => call(abi.BPF_OBJ_GET_INFO_BY_FD, { bpf_fd: 999 }), 'EBADFD'],
  ['info to nowhere', ({ call, map }) => call(abi.BPF_OBJ_GET_INFO_BY_FD, { bpf_fd: map(ARRAY, 4, 8, 4) }), 'EFAULT'],
  ['types that are none', ({ call }) => call(abi.BPF_BTF_LOAD, { btf: new Uint8Array(64), btf_size: 64 }), 'EINVAL'],
  ['types of 17 MB', ({ call }) => call(abi.BPF_BTF_LOAD, { btf: eight(), btf_size: 17000000 }), 'E2BIG'],
  ['types with flags', ({ call }) => call(abi.BPF_BTF_LOAD, { btf_flags: 1 }), 'EINVAL'],
]))

describe('bpffs', () => {
  const mounted = () => {
    const world = bootBpf()
    const { sys, init } = world
    sys.mkdir(init, '/tmp/b', 0o755)
    const options = 'mode=777,delegate_cmds=prog_load:map_create,delegate_progs=0x3'
    expect(sys.mount(init, 'b', '/tmp/b', 'bpf', 0, options)).toBe(0)
    const pin = (path: string | null, bpf_fd: number, file_flags = 0): string =>
      name(world.call(abi.BPF_OBJ_PIN, { pathname: path, bpf_fd, file_flags }))
    const get = (pathname: string, more: object = {}): string =>
      name(world.call(abi.BPF_OBJ_GET, { pathname, ...more }))
    return { ...world, pin, get }
  }

  test('names', () => {
    const { map, pin, get, sys, init, text } = mounted()
    const m = map(ARRAY, 4, 8, 4)
    expect([
      pin('/tmp/b/m', m), pin('/tmp/b/m', m), pin('/tmp/b/m.x', m), pin('/tmp/mm', m), pin('/tmp/b/z', 999),
      pin('/tmp/b/z', m, 1), pin(null, m),
    ]).toEqual(['OK', 'EEXIST', 'EPERM', 'EPERM', 'EINVAL', 'EINVAL', 'EFAULT'])
    expect([
      get('/tmp/b/m'), get('/tmp/b/m', { file_flags: 8 }), get('/tmp/b/m', { file_flags: 24 }), get('/tmp/b/no'),
      get('/tmp/b'), get('/dev/null'), get('/tmp/b/m', { bpf_fd: 1 }),
    ]).toEqual(['OK', 'OK', 'EINVAL', 'ENOENT', 'EACCES', 'EACCES', 'EINVAL'])
    const stat = new Kstat()
    expect([
      sys.open(init, '/tmp/b/m', abi.O_RDONLY, 0), sys.open(init, '/tmp/b/n', abi.O_CREAT | abi.O_RDWR, 0o600),
      sys.mknod(init, '/tmp/b/n', abi.S_IFREG | 0o600, 0), sys.mkdir(init, '/tmp/b/d', 0o700),
      sys.mkdir(init, '/tmp/b/d.x', 0o700), sys.link(init, '/tmp/b/m', '/tmp/b/d/l'),
      sys.symlink(init, 'm', '/tmp/b/s'),
    ].map(name)).toEqual(['EIO', 'EACCES', 'EACCES', 'OK', 'EPERM', 'OK', 'OK'])
    expect([
      get('/tmp/b/s'), name(sys.rmdir(init, '/tmp/b/d')), name(sys.rename(init, '/tmp/b/d/l', '/tmp/b/k')),
      name(sys.rmdir(init, '/tmp/b/d')), name(sys.truncate(init, '/tmp/b/k', 0)),
      name(sys.chmod(init, '/tmp/b/k', 0o400)),
    ]).toEqual(['OK', 'ENOTEMPTY', 'OK', 'OK', 'OK', 'OK'])
    sys.stat(init, '/tmp/b/k', stat)
    expect([stat.mode, stat.nlink, stat.size]).toEqual([0o100400, 2, 0])
    sys.stat(init, '/tmp/b', stat)
    expect([stat.mode, stat.nlink]).toEqual([0o41777, 2])
    expect(text('/proc/mounts')).toContain(
      'b /tmp/b bpf rw,relatime,delegate_cmds=map_create:prog_load,delegate_progs=unspec:socket_filter 0 0\n')
  })

  test('a directory that changes places with a name elsewhere takes its link along', () => {
    const { sys, init } = mounted()
    sys.mkdir(init, '/tmp/b/d', 0o700)
    sys.mkdir(init, '/tmp/b/d/x', 0o700)
    sys.symlink(init, 'm', '/tmp/b/s')
    const links = (path: string): number => {
      const stat = new Kstat()
      sys.lstat(init, path, stat)
      return stat.nlink
    }
    expect(['/tmp/b', '/tmp/b/d', '/tmp/b/s'].map(links)).toEqual([3, 3, 1])
    const { AT_FDCWD, RENAME_EXCHANGE } = abi
    expect(sys.renameat2(init, AT_FDCWD, '/tmp/b/d/x', AT_FDCWD, '/tmp/b/s', RENAME_EXCHANGE)).toBe(0)
    expect(['/tmp/b', '/tmp/b/d', '/tmp/b/s'].map(links)).toEqual([4, 2, 2])
  })

  test.each([
    ['mode=9', 'EINVAL', ''], ['uid=abc', 'EINVAL', ''], ['nope=1', 'OK', ''], ['delegate_cmds=foo', 'EINVAL', ''],
    ['delegate_cmds=any', 'OK', ',delegate_cmds=any'], ['delegate_maps=0x3:hash', 'OK', ',delegate_maps=unspec:hash'],
    ['delegate_attachs=lsm_mac', 'OK', ',delegate_attachs=lsm_mac'], ['delegate_cmds=', 'EINVAL', ''],
    ['delegate_cmds=0x10000000000000000', 'ERANGE', ''],
  ])('option %s: %s', (option, errno, shown) => {
    const { sys, init, text } = bootBpf()
    sys.mkdir(init, '/tmp/c', 0o755)
    expect(name(sys.mount(init, 'b', '/tmp/c', 'bpf', 0, option))).toBe(errno)
    if (errno === 'OK') expect(text('/proc/mounts')).toContain(`b /tmp/c bpf rw,relatime${shown} 0 0\n`)
  })

  test('tokens are for user namespaces', () => {
    const { call, sys, init } = mounted()
    const dir = (path: string) => sys.open(init, path, abi.O_RDONLY | abi.O_DIRECTORY, 0)
    const token = (attr: object) => name(call(abi.BPF_TOKEN_CREATE, { ...attr }))
    expect([
      token({ bpffs_fd: dir('/tmp/b') }), token({ bpffs_fd: dir('/tmp') }), token({ bpffs_fd: 999 }),
      token({ flags: 1 }),
    ]).toEqual(['EOPNOTSUPP', 'EINVAL', 'EBADF', 'EINVAL'])
  })

  test('without capabilities: what is open may be used, nothing is made', () => {
    const world = mounted()
    const { sys, init, map, program, call, element, pin, get, fork } = world
    const [m, p] = [map(ARRAY, 4, 8, 4), program(FILTER)]
    pin('/tmp/b/k', m)
    sys.chmod(init, '/tmp/b/k', 0o400)
    const user = fork()
    sys.setresuid(user, 1000, 1000, 1000)
    world.as(user)
    const packet = { prog_fd: p, data_in: new Uint8Array(64), data_size_in: 64 }
    expect([
      map(ARRAY, 4, 8, 4), program(FILTER), element(abi.BPF_MAP_LOOKUP_ELEM, m, key(0), eight()),
      call(abi.BPF_PROG_GET_NEXT_ID, {}), call(abi.BPF_PROG_GET_FD_BY_ID, { prog_id: 1 }),
      call(abi.BPF_OBJ_GET_INFO_BY_FD, { bpf_fd: p, info: {} }), call(abi.BPF_BTF_LOAD, {}),
      call(abi.BPF_PROG_QUERY, {}), call(abi.BPF_ENABLE_STATS, {}), call(abi.BPF_PROG_TEST_RUN, packet),
    ].map(name)).toEqual(['EPERM', 'EPERM', 'OK', 'EPERM', 'EPERM', 'OK', 'EPERM', 'EPERM', 'EPERM', 'OK'])
    expect([pin('/tmp/b/up', m), get('/tmp/b/k')]).toEqual(['OK', 'EACCES'])
  })
})

test('texts of fdinfo, and names of files', () => {
  const { map, program, sys, init, text } = bootBpf()
  const [m, p] = [map(ARRAY, 4, 8, 4), program(FILTER)]
  const lines = (fd: number) => text(`/proc/self/fdinfo/${fd}`).replace(/^(pos|flags|mnt_id|ino|memlock):.*\n/gm, '')
  expect(lines(m)).toBe(
    'map_type:\t2\nkey_size:\t4\nvalue_size:\t8\nmax_entries:\t4\nmap_flags:\t0x0\nmap_extra:\t0x0\nmap_id:\t1\n' +
    'frozen:\t0\n')
  expect(lines(p)).toBe(
    'prog_type:\t1\nprog_jited:\t1\nprog_tag:\ta04f5eef06a7f555\nprog_id:\t1\nrun_time_ns:\t0\nrun_cnt:\t0\n' +
    'recursion_misses:\t0\nverified_insns:\t2\n')
  const link = (fd: number): string => {
    const buffer = new Uint8Array(64)
    return new TextDecoder().decode(buffer.subarray(0, sys.readlink(init, `/proc/self/fd/${fd}`, buffer)))
  }
  expect([link(m), link(p)]).toEqual(['anon_inode:bpf-map', 'anon_inode:bpf-prog'])
})

test('an LSM program decides while its link lives, as long as anybody holds it', () => {
  const { call, lsmProgram, sys, init, ids } = bootBpf()
  const open = () => {
    const fd = sys.open(init, '/dev/null', abi.O_RDONLY, 0)
    if (fd >= 0) sys.close(init, fd)
    return name(fd)
  }
  const prog_fd = lsmProgram('file_open', -abi.EPERM)
  const link_fd = call(abi.BPF_LINK_CREATE, { prog_fd, attach_type: abi.BPF_LSM_MAC })
  expect(open()).toBe('EPERM')
  expect(name(call(abi.BPF_RAW_TRACEPOINT_OPEN, { prog_fd }))).toBe('EBUSY')
  sys.close(init, prog_fd)
  expect(open()).toBe('EPERM')
  const info: Record<string, unknown> = {}
  expect(call(abi.BPF_OBJ_GET_INFO_BY_FD, { bpf_fd: link_fd, info })).toBe(0)
  expect(info).toMatchObject({
    type: abi.BPF_LINK_TYPE_TRACING, prog_id: 1, target_btf_id: vmlinuxBtf().find('bpf_lsm_file_open', 'func'),
  })
  const new_prog_fd = lsmProgram('file_open', 0)
  expect(name(call(abi.BPF_LINK_UPDATE, { link_fd, new_prog_fd }))).toBe('EINVAL')
  expect(name(call(abi.BPF_LINK_DETACH, { link_fd }))).toBe('EOPNOTSUPP')
  expect(call(abi.BPF_OBJ_PIN, { bpf_fd: link_fd, pathname: '/sys/fs/bpf/l' })).toBe(0)
  sys.close(init, link_fd)
  expect([open(), ids(abi.BPF_LINK_GET_NEXT_ID)]).toEqual(['EPERM', [1]])
  sys.unlink(init, '/sys/fs/bpf/l')
  expect([open(), ids(abi.BPF_LINK_GET_NEXT_ID), ids(abi.BPF_PROG_GET_NEXT_ID)]).toEqual(['OK', [], [2]])
})

test('a map of bpf(2) is a map of the module too, by its number', () => {
  const { map, element, ids, lsm } = bootBpf()
  const fd = map(HASH, 4, 8, 4)
  const [id] = ids(abi.BPF_MAP_GET_NEXT_ID)
  lsm.map(id!)!.set(7, 9n)
  const value = eight()
  expect(element(abi.BPF_MAP_LOOKUP_ELEM, fd, key(7), value)).toBe(0)
  expect(value[0]).toBe(9)
  expect(lsm.map(99)).toBeNull()
})

test('hooks: in the order of the kernel; what one refuses is told as freed', () => {
  const told: string[] = []
  let refused = ''
  const ask = (hook: string): number => {
    told.push(hook)
    return hook === refused ? -abi.EACCES : 0
  }
  const watcher = defineLsm({
    name: 'watcher',
    abi: '1.0',
    hooks: {
      bpf: () => ask('bpf'),
      bpf_map: (_map, mode) => ask(`bpf_map ${mode}`),
      bpf_prog: () => ask('bpf_prog'),
      bpf_map_create: () => ask('bpf_map_create'),
      bpf_map_free: () => void ask('bpf_map_free'),
      bpf_prog_load: () => ask('bpf_prog_load'),
      bpf_prog_free: () => void ask('bpf_prog_free'),
    },
  })
  const { map, program, sys, init, ids } = bootBpf([watcher])
  const during = (made: () => number, refuse = '') => {
    refused = refuse
    told.length = 0
    const rc = made()
    if (rc >= 0) sys.close(init, rc)
    return [name(rc), ...told]
  }
  const make = () => map(ARRAY, 4, 8, 4, 8)
  const load = () => program(FILTER)
  expect(during(make)).toEqual(['OK', 'bpf', 'bpf_map_create', 'bpf_map 1', 'bpf_map_free'])
  expect(during(make, 'bpf')).toEqual(['EACCES', 'bpf'])
  expect(during(make, 'bpf_map_create')).toEqual(['EACCES', 'bpf', 'bpf_map_create', 'bpf_map_free'])
  expect(during(make, 'bpf_map 1')).toEqual(['EACCES', 'bpf', 'bpf_map_create', 'bpf_map 1', 'bpf_map_free'])
  expect(during(load)).toEqual(['OK', 'bpf', 'bpf_prog_load', 'bpf_prog', 'bpf_prog_free'])
  expect(during(load, 'bpf_prog_load')).toEqual(['EACCES', 'bpf', 'bpf_prog_load', 'bpf_prog_free'])
  expect(during(load, 'bpf_prog')).toEqual(['EACCES', 'bpf', 'bpf_prog_load', 'bpf_prog', 'bpf_prog_free'])
  refused = ''
  expect([ids(abi.BPF_MAP_GET_NEXT_ID), ids(abi.BPF_PROG_GET_NEXT_ID)]).toEqual([[], []])
})
