/** Pairs of programs on one map that leads to programs, by bpf(2): those of two kinds do not meet. */
import * as abi from '@lsmkit/abi'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { describe, expect, test } from 'vitest'
import { bootBpf, bytes32, loading, returning } from './syscall-world.ts'

type World = ReturnType<typeof bootBpf>

/** `array` and `target`: kinds of one word share a PROG_ARRAY, and a DEVMAP or CPUMAP. */
interface Kind {
  readonly what: string
  readonly type: number
  readonly attach?: number
  readonly flags?: number
  /** The function that it is attached to. */
  readonly on?: string
  readonly array: string
  readonly target: string
}

const { BPF_PROG_TYPE_XDP: XDP, BPF_PROG_TYPE_LSM: LSM, BPF_PROG_TYPE_TRACING: TRACING } = abi
const alike = (word: string) => ({ array: word, target: word })

const kinds: readonly Kind[] = [
  { what: 'socket', type: abi.BPF_PROG_TYPE_SOCKET_FILTER, ...alike('socket') },
  { what: 'tc', type: abi.BPF_PROG_TYPE_SCHED_CLS, ...alike('tc') },
  { what: 'tc action', type: abi.BPF_PROG_TYPE_SCHED_ACT, ...alike('action') },
  { what: 'xdp', type: XDP, ...alike('xdp') },
  { what: 'xdp of a device map', type: XDP, attach: abi.BPF_XDP_DEVMAP, array: 'xdp devmap', target: 'xdp' },
  { what: 'xdp of a processor map', type: XDP, attach: abi.BPF_XDP_CPUMAP, array: 'xdp cpumap', target: 'xdp' },
  { what: 'xdp with frags', type: XDP, flags: abi.BPF_F_XDP_HAS_FRAGS, ...alike('frags') },
  { what: 'cgroup ingress', type: abi.BPF_PROG_TYPE_CGROUP_SKB, array: 'ingress', target: 'cgroup' },
  { what: 'cgroup egress', type: abi.BPF_PROG_TYPE_CGROUP_SKB, attach: abi.BPF_CGROUP_INET_EGRESS, array: 'egress',
    target: 'cgroup' },
  { what: 'kprobe', type: abi.BPF_PROG_TYPE_KPROBE, ...alike('kprobe') },
  { what: 'tracepoint', type: abi.BPF_PROG_TYPE_TRACEPOINT, ...alike('tracepoint') },
  { what: 'perf event', type: abi.BPF_PROG_TYPE_PERF_EVENT, ...alike('perf') },
  { what: 'raw tracepoint', type: abi.BPF_PROG_TYPE_RAW_TRACEPOINT, ...alike('raw') },
  { what: 'lsm file_open', type: LSM, attach: abi.BPF_LSM_MAC, on: 'bpf_lsm_file_open', ...alike('lsm file') },
  { what: 'lsm file_alloc_security', type: LSM, attach: abi.BPF_LSM_MAC, on: 'bpf_lsm_file_alloc_security',
    ...alike('lsm file') },
  { what: 'lsm bprm_check_security', type: LSM, attach: abi.BPF_LSM_MAC, on: 'bpf_lsm_bprm_check_security',
    ...alike('lsm bprm') },
  { what: 'lsm_cgroup file_open', type: LSM, attach: abi.BPF_LSM_CGROUP, on: 'bpf_lsm_file_open', array: 'lsm_cgroup',
    target: 'lsm file' },
  { what: 'fentry', type: TRACING, attach: abi.BPF_TRACE_FENTRY, on: 'security_file_open', array: 'fentry',
    target: 'tracing file' },
  { what: 'fexit', type: TRACING, attach: abi.BPF_TRACE_FEXIT, on: 'security_file_open', array: 'fexit',
    target: 'tracing file' },
  { what: 'fentry of a program', type: TRACING, attach: abi.BPF_TRACE_FENTRY, on: 'security_bprm_check_security',
    array: 'fentry bprm', target: 'tracing bprm' },
]

/** Descriptor 0 is taken: in values it names no program. */
const boot = (): World => {
  const world = bootBpf()
  world.map(abi.BPF_MAP_TYPE_ARRAY, 4, 4, 1)
  return world
}

const load = ({ program }: World, { type, attach = 0, flags = 0, on }: Kind, map = 0): number => {
  // programs of an lsm_cgroup allow by 1
  const code = returning(attach === abi.BPF_LSM_CGROUP ? 1 : 0)
  const insns = map === 0 ? code : Uint8Array.from([...loading(1, map).subarray(0, 16), ...code])
  return program(type, attach, {
    insns, insn_cnt: insns.length / 8, prog_flags: flags,
    attach_btf_id: on === undefined ? 0 : vmlinuxBtf().find(on, 'func'),
  })
}

const put = ({ element }: World, map: number, prog: number): number =>
  element(abi.BPF_MAP_UPDATE_ELEM, map, bytes32(0), bytes32(prog))

const ways = {
  'by its code': (world: World, kind: Kind, map: number) => load(world, kind, map),
  'by a slot': (world: World, kind: Kind, map: number) => put(world, map, load(world, kind)),
}
const inArrays = Object.entries(ways)
const answer = (rc: number): string => (rc >= 0 ? 'OK' : abi.errnoName(rc))

describe.each(kinds)('after $what', (first) => {
  test('each kind on a PROG_ARRAY', () => {
    const world = boot()
    for (const second of kinds) {
      const expected = first.array === second.array ? 'OK' : 'EINVAL'
      for (const [how, one] of inArrays) {
        for (const [then, two] of inArrays) {
          const map = world.map(abi.BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2)
          expect(answer(one(world, first, map))).toBe('OK')
          expect([second.what, how, then, answer(two(world, second, map))]).toEqual([second.what, how, then, expected])
          world.sys.close(world.init, map)
        }
      }
    }
    expect(world.panics).toEqual([])
  })

  test.each([
    ['DEVMAP', abi.BPF_MAP_TYPE_DEVMAP], ['CPUMAP', abi.BPF_MAP_TYPE_CPUMAP],
    ['DEVMAP_HASH', abi.BPF_MAP_TYPE_DEVMAP_HASH],
  ])('each kind on a %s', (_name, type) => {
    const world = boot()
    for (const second of kinds) {
      // 6.12 leaves programs that name a DEVMAP_HASH alone
      const isFree = type === abi.BPF_MAP_TYPE_DEVMAP_HASH
      const map = world.map(type, 4, 8, 2)
      expect(answer(load(world, first, map))).toBe('OK')
      expect([second.what, answer(load(world, second, map))])
        .toEqual([second.what, isFree || first.target === second.target ? 'OK' : 'EINVAL'])
    }
  })
})

describe.each([
  { name: 'DEVMAP', type: abi.BPF_MAP_TYPE_DEVMAP, key: 0, word: 1, attach: abi.BPF_XDP_DEVMAP, refused: 'EINVAL' },
  { name: 'DEVMAP_HASH', type: abi.BPF_MAP_TYPE_DEVMAP_HASH, key: 7, word: 1, attach: abi.BPF_XDP_DEVMAP,
    refused: 'EINVAL' },
  { name: 'CPUMAP', type: abi.BPF_MAP_TYPE_CPUMAP, key: 0, word: 64, attach: abi.BPF_XDP_CPUMAP, refused: 'ENOMEM' },
])('programs at the targets of a $name', ({ name, type, key, word, attach, refused }) => {
  const set = (world: World, map: number, ...value: number[]): string =>
    answer(world.element(abi.BPF_MAP_UPDATE_ELEM, map, bytes32(key), bytes32(...value)))

  test('one of its attach type is held, shown by its number, and let go', () => {
    const world = boot()
    const map = world.map(type, 4, 8, 2)
    const prog = load(world, { what: '', type: XDP, attach, ...alike('') })
    const value = bytes32(0, 0)
    expect(set(world, map, word, prog)).toBe('OK')
    const [id] = world.ids(abi.BPF_PROG_GET_NEXT_ID)
    world.sys.close(world.init, prog)
    expect(world.ids(abi.BPF_PROG_GET_NEXT_ID)).toEqual([id])
    expect(world.element(abi.BPF_MAP_LOOKUP_ELEM, map, bytes32(key), value)).toBe(0)
    expect([...value]).toEqual([...bytes32(word, id!)])
    expect(set(world, map, word, 0)).toBe('OK')
    expect(world.ids(abi.BPF_PROG_GET_NEXT_ID)).toEqual([])
    expect(world.text(`/proc/self/fdinfo/${map}`)).toContain('owner_prog_type:\t6\nowner_jited:\t1\n')
  })

  test.each([
    { what: 'no attach type', kind: { type: XDP } },
    { what: 'the other attach type', kind: { type: XDP, attach: 68 - attach } },
    { what: 'another type', kind: { type: abi.BPF_PROG_TYPE_SCHED_CLS } },
    { what: 'no program', kind: null },
  ])('$what is refused', ({ kind }) => {
    const world = boot()
    const map = world.map(type, 4, 8, 2)
    const prog = kind === null ? map : load(world, { what: '', ...kind, ...alike('') })
    expect(prog).toBeGreaterThan(0)
    expect(set(world, map, word, prog)).toBe(refused)
  })

  test('frags do not mix', () => {
    const world = boot()
    const map = world.map(type, 4, 8, 2)
    const plain = load(world, { what: '', type: XDP, attach, ...alike('') })
    const frags = load(world, { what: '', type: XDP, attach, flags: abi.BPF_F_XDP_HAS_FRAGS, ...alike('') })
    expect([set(world, map, word, plain), set(world, map, word, frags)]).toEqual(['OK', refused])
    // without a target there is nothing to run it at
    expect(set(world, map, 0, plain)).toBe(name === 'CPUMAP' ? 'OK' : 'EINVAL')
  })
})
