/** bpf(2) with attributes nobody should pass: an answer each time, and all that was made can be given back. */
import * as abi from '@lsmkit/abi'
import { bpfFields } from '@lsmkit/kernel'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bootBpf, bytes32, returning } from './syscall-world.ts'

const commands = Object.keys(bpfFields).map(Number)
const edges = fc.constantFrom(0xffffffff, 2 ** 31, 2 ** 53, -(2 ** 31), 4096, 1 << 16)
const number = fc.oneof(fc.integer({ min: -1, max: 40 }), edges, fc.integer())
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 32 }), fc.constant(returning(0)), fc.constant(bytes32(3, 4, 5, 6)),
  fc.constant(new Uint8Array(4096)),
)
const text = fc.constantFrom('/sys/fs/bpf/a', '/sys/fs/bpf', 'GPL', '')
const pointer = fc.oneof(bytes, bytes, fc.constant(null), text, fc.constant({}))
const name = fc.oneof(fc.string({ maxLength: 20 }), fc.constant('m'))

/** Fields of the command, most of them as they should be, some left out, now and then one of anything. */
const attrOf = (cmd: number) => {
  const fields = bpfFields[cmd]!.map(([field, , kind]) => {
    const usual = kind === 'pointer' ? pointer : kind === 'name' ? name : number
    const value = fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: fc.anything() })
    return [field, fc.option(value, { nil: undefined })] as const
  })
  return fc.record(Object.fromEntries(fields))
}
const call = fc.constantFrom(...commands).chain((cmd) => fc.record({ cmd: fc.constant(cmd), attr: attrOf(cmd) }))

test('attributes of any kind', () => {
  const world = bootBpf()
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 40 }), (calls) => {
      // some of each are open under low numbers
      world.map(abi.BPF_MAP_TYPE_ARRAY, 4, 8, 4)
      world.map(abi.BPF_MAP_TYPE_HASH, 4, 8, 4)
      world.program(abi.BPF_PROG_TYPE_SOCKET_FILTER)
      world.lsmProgram('file_open', 0)
      for (const { cmd, attr } of calls) {
        const rc = world.call(cmd, attr as never)
        if (!Number.isInteger(rc)) throw new Error(`${cmd}: ${String(rc)}`)
      }
      world.sys.close_range(world.init, 0, 0xffffffff, 0)
      return world.kernel.sys.getpid(world.init) === 1
    }),
    { numRuns: 150 },
  )
  expect(world.panics).toEqual([])
  world.sys.unlink(world.init, '/sys/fs/bpf/a')
  expect([
    world.ids(abi.BPF_MAP_GET_NEXT_ID), world.ids(abi.BPF_PROG_GET_NEXT_ID), world.ids(abi.BPF_LINK_GET_NEXT_ID),
    world.ids(abi.BPF_BTF_GET_NEXT_ID),
  ]).toEqual([[], [], [], [1]])
})

test('making and closing a hundred times takes no more than once', () => {
  const { call: bpf, map, program, lsmProgram, sys, init, lsm } = bootBpf()
  const used = () => lsm.memoryUsed
  const cycle = () => {
    const inner = map(abi.BPF_MAP_TYPE_ARRAY, 4, 8, 4)
    const outer = map(abi.BPF_MAP_TYPE_HASH_OF_MAPS, 4, 4, 4, 0, { inner_map_fd: inner })
    const key = new Uint8Array(4)
    expect(bpf(abi.BPF_MAP_UPDATE_ELEM, { map_fd: outer, key, value: bytes32(inner) })).toBe(0)
    const programs = map(abi.BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4)
    const filter = program(abi.BPF_PROG_TYPE_SOCKET_FILTER)
    expect(bpf(abi.BPF_MAP_UPDATE_ELEM, { map_fd: programs, key, value: bytes32(filter) })).toBe(0)
    const link = bpf(abi.BPF_RAW_TRACEPOINT_OPEN, { prog_fd: lsmProgram('file_open', 0) })
    expect(bpf(abi.BPF_OBJ_PIN, { bpf_fd: link, pathname: '/sys/fs/bpf/l' })).toBe(0)
    sys.close_range(init, 0, 0xffffffff, 0)
    sys.unlink(init, '/sys/fs/bpf/l')
  }
  cycle()
  const before = used()
  for (let time = 0; time < 100; time++) cycle()
  expect(used()).toBe(before)
})
