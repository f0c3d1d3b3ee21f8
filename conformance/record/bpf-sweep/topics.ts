/** The topics of the sweep: each makes one random program of its kind. */
import { bpfHelperName } from '@lsmkit/abi'
import { mapIndex, NODE_TYPE, worldMaps } from '../../src/bpf-sweep/world.ts'
import type { Text } from './assemble.ts'
import { anyKind, lsmKind, plainKinds, typedKind } from './kinds.ts'
import type { Kind, Names } from './kinds.ts'
import { anything, COMPARES, END, gives, numbers, pointers, START, uses } from './pieces.ts'
import type { Random } from './random.ts'

/** The generator's knowledge beside the seed: a kernel's own names, and the functions that it shows programs. */
export interface SweepRequest {
  readonly random: Random
  readonly names: Names | null
  /** By name: how many arguments. */
  readonly kfuncs: ReadonlyMap<string, number>
}

const HELPERS = 213
const put = (random: Random, register: number, kind: Kind, from = anything): string[] =>
  random.pick(Object.values(from))(random, register, kind)

const returned = (random: Random): string[] => random.pick([
  () => [`r0 = ${random.pick([0, 1, 2, -1, -13, -4095, -4096, 4095, 0x7fffffff])}`],
  () => [`r0 = 0x${random.pick(['100000000', 'ffffffff', 'fffffff3', '1fffffff3'])} ll`],
  () => ['call bpf_get_prandom_u32'],
  () => ['call bpf_get_prandom_u32', `r0 &= ${random.pick([1, 3, 4095])}`],
  () => ['call bpf_get_prandom_u32', `r0 &= ${random.pick([1, 4095])}`, 'r0 = -r0'],
  () => ['call bpf_get_prandom_u32', 'r0 |= -4096', 'if w0 s> 0 goto out'],
  () => ['call bpf_get_prandom_u32', `if r0 s< ${random.pick([-4095, -4096, 0])} goto out`, 'if r0 s> 0 goto out'],
  () => ['call bpf_get_prandom_u32', `if w0 s< ${random.pick([-4095, -4096])} goto out`, 'if w0 s> 0 goto out'],
  () => ['call bpf_get_prandom_u32', 'w0 s>>= 31'],
  () => [`r0 = *(u64 *)(r6 +${random.below(6) * 8})`],
  () => [`r0 = *(u32 *)(r6 +${random.below(12) * 4})`],
  () => ['r0 = r10'], () => ['r0 = r6'], () => [`r0 = map[${random.below(worldMaps.length)}]`], () => [],
  () => [`w0 = ${random.pick([-1, 0, 1, -13])}`],
])()

const size = (random: Random): string => random.pick(['u8', 'u16', 'u32', 'u64'])

/** A way to fill one argument of a helper: mostly one that may be right. */
const argument = (random: Random, kind: Kind, number: number): string[] => {
  const r = `r${number}`
  switch (random.below(14)) {
    case 0: return [`${r} = ${random.constant()}`]
    case 1: return [`${r} = 0`]
    case 2: return [`${r} = r6`]
    case 3: case 4: return [`${r} = map[${random.below(worldMaps.length)}]`]
    case 5: case 6: return [`${r} = r10`, `${r} += -${random.pick([8, 16, 16, 24, 40])}`]
    case 7: return [`${r} = ${random.pick([1, 4, 8, 16])}`]
    case 8: case 9: return [`${r} = r7`]
    case 10: case 11: return [`${r} = r8`]
    case 12: return random.once(3) ? [] : [`${r} = r9`]
    default: return numbers.known!(random, number, kind)
  }
}

const withFunctions = (lines: string[], random: Random): string[] => [
  ...lines, ...END,
  ...(lines.some((line) => line.includes('&fn_each')) ? ['fn_each:', `r0 = ${random.pick([0, 1, 2])}`, 'exit'] : []),
]

/** Helpers that take what they should, as far as a pointer in r7 and a number in r8 go. */
const helpers = ({ random, names }: SweepRequest): Text => {
  const kind = anyKind(random, names)
  const id = random.below(HELPERS)
  const setup = [...put(random, 7, kind, pointers), ...put(random, 8, kind, random.once(3) ? pointers : numbers)]
  const args = [1, 2, 3, 4, 5].flatMap((number) => random.once(40) ? [] : argument(random, kind, number))
  const call = id < HELPERS - 1 && !bpfHelperName(id).includes('unspec') ? `call #${id}` : `call #${random.constant()}`
  return {
    topic: 'helpers', kind, isGpl: !random.once(10),
    lines: [...START, ...setup, ...args, call, ...(random.once(3) ? ['r7 = r0', ...use(random, 7, 8)] : []), ...END],
  }
}

/** Which programs have which helper at all: no argument is there, and the text says whether it was found. */
const available = ({ random, names }: SweepRequest): Text => ({
  topic: 'available', kind: anyKind(random, names), isGpl: !random.once(8), isRoot: true,
  lines: [`call #${random.below(HELPERS)}`, 'r0 = 0', 'exit'],
})

const use = (random: Random, register: number, other: number): string[] =>
  random.pick(uses)(random, register, other).flatMap((line) => line.split('\n'))

const memory = ({ random, names }: SweepRequest): Text => {
  const kind = anyKind(random, names)
  const count = 1 + random.below(4)
  const body = Array.from({ length: count }, () => use(random, random.pick([7, 7, 8]), random.pick([7, 8, 8, 10])))
  return {
    topic: 'memory', kind,
    lines: [...START, ...put(random, 8, kind, numbers), ...put(random, 7, kind, pointers), ...body.flat(), ...END],
  }
}

/** A pointer moved by a number, and an access there. */
const moved = ({ random, names }: SweepRequest): Text => {
  const kind = anyKind(random, names)
  const access = random.once(2)
    ? `r0 = *(${size(random)} *)(r7 +${random.pick([0, 0, 4, 8, 12])})`
    : `*(${size(random)} *)(r7 +${random.pick([0, 0, 4, 8])}) = ${random.pick(['r8', '0'])}`
  return {
    topic: 'moved', kind,
    lines: [
      ...START, ...put(random, 8, kind, numbers), ...put(random, 7, kind, pointers),
      ...(random.once(2) ? use(random, 8, 8) : []), `r7 ${random.pick(['+=', '+=', '-='])} r8`,
      ...(random.once(3) ? [`r7 += ${random.pick([-8, -4, 4, 8])}`] : []), access, ...END,
    ],
  }
}

const numbersTopic = ({ random }: SweepRequest): Text => {
  const kind = plainKinds[0]!
  const names = Object.values(numbers)
  const body = Array.from({ length: 1 + random.below(6) }, () =>
    uses[5 + random.below(5)]!(random, random.pick([8, 9]), random.pick([8, 9])))
  const compare = random.once(2)
    ? [`if ${random.pick(['r', 'w'])}8 ${random.pick(COMPARES)} ${random.constant()} goto out`]
    : [random.once(2) ? `if r8 ${random.pick(COMPARES)} r9 goto out` : `if w8 ${random.pick(COMPARES)} w9 goto out`]
  return {
    topic: 'numbers', kind, isRoot: !random.once(6),
    lines: [
      ...START, ...random.pick(names)(random, 8, kind), ...random.pick(names)(random, 9, kind),
      ...pointers.plainValue!(random, 7, kind), ...body.flatMap((lines) => lines.flatMap((line) => line.split('\n'))),
      ...compare, ...(random.once(3) ? compare : []), `r7 += r${random.pick([8, 8, 9])}`,
      `r0 = *(${size(random)} *)(r7 +0)`, ...END,
    ],
  }
}

/** Compares of every kind of pointer and width, then a use on one of the sides. */
const compares = ({ random, names }: SweepRequest): Text => {
  const kind = anyKind(random, names)
  const wide = random.once(2) ? 'r' : 'w'
  const right = random.once(2) ? `${random.pick([0, 0, 0, 1, random.constant()])}`
    : `${wide}${random.pick([8, 8, 10, 6])}`
  const compare = `if ${wide}7 ${random.pick(COMPARES)} ${right} goto there`
  const access = random.pick([
    'r0 = *(u64 *)(r7 +0)', '*(u32 *)(r7 +0) = 0', 'r0 = *(u8 *)(r8 +0)', 'r0 = *(u64 *)(r10 -32)',
    'r0 = *(u64 *)(r6 -8)',
  ])
  return {
    topic: 'compares', kind, isRoot: !random.once(8),
    lines: [
      ...START, ...put(random, 7, kind, pointers), ...put(random, 8, kind, random.once(2) ? anything : { zero: (_,
        r) => [`r${r} = 0`] }),
      compare, ...(random.once(2) ? [access] : ['r0 = 0']), 'r0 = 0', 'exit', 'there:',
      ...(random.once(2) ? [access] : ['r0 = 0']), ...END,
    ],
  }
}

const context = ({ random, names }: SweepRequest): Text => {
  const kind = anyKind(random, names)
  const off = random.pick([
    random.below(64) * 4, random.below(64) * 4, random.below(24) * 8, random.below(200), -8, random.below(60) * 2,
  ])
  const access = random.pick([
    () => `r7 = *(${size(random)} *)(r6 ${off < 0 ? off : `+${off}`})`,
    () => `r7 = *(${size(random)} *)(r6 ${off < 0 ? off : `+${off}`})`,
    () => `r7 = *(s${random.pick([8, 16, 32])} *)(r6 ${off < 0 ? off : `+${off}`})`,
    () => `*(${size(random)} *)(r6 ${off < 0 ? off : `+${off}`}) = ${random.pick(['0', 'r10', 'r6', '1'])}`,
  ])()
  const isLoad = access.startsWith('r7')
  return {
    topic: 'context', kind, isRoot: !random.once(10),
    lines: [...START, access, ...(isLoad && random.once(2) ? use(random, 7, 7) : []), ...END],
  }
}

const returns = ({ random, names }: SweepRequest): Text => {
  const kind = random.once(2) ? lsmKind(random, names, true) : anyKind(random, names)
  return {
    topic: 'returns', kind, isGpl: !random.once(12),
    lines: ['r6 = r1', ...returned(random), 'exit', ...(random.once(1) ? ['out:', 'r0 = 0', 'exit'] : [])],
  }
}

const mapCalls = [
  'map_lookup_elem', 'map_update_elem', 'map_delete_elem', 'map_push_elem', 'map_pop_elem', 'map_peek_elem',
  'for_each_map_elem', 'redirect_map', 'map_lookup_percpu_elem', 'perf_event_output', 'get_stackid', 'ringbuf_reserve',
  'ringbuf_output', 'ringbuf_query', 'tail_call', 'current_task_under_cgroup', 'sk_storage_get', 'task_storage_get',
  'inode_storage_get', 'cgrp_storage_get', 'get_local_storage', 'perf_event_read', 'sk_redirect_map', 'sock_map_update',
  'user_ringbuf_drain', 'perf_event_read_value', 'skb_under_cgroup', 'msg_redirect_hash', 'sk_select_reuseport',
]

const maps = ({ random, names }: SweepRequest): Text => {
  const kind = anyKind(random, names)
  const index = random.below(worldMaps.length)
  const name = random.pick(mapCalls)
  const first = ['perf_event_output', 'get_stackid', 'tail_call', 'sk_redirect_map', 'sock_map_update',
    'skb_under_cgroup',
    'msg_redirect_hash', 'sk_select_reuseport'].includes(name) ? 2 : 1
  const after = name.startsWith('map_lookup')
    ? ['if r0 == 0 goto out', 'r7 = r0', ...use(random, 7, 8), ...(random.once(2) ? use(random, 7, 8) : [])] : []
  const callback = name === 'for_each_map_elem' || name === 'user_ringbuf_drain'
  return {
    topic: 'maps', kind,
    lines: withFunctions([
      ...START, 'r8 = 0', ...(first === 2 ? ['r1 = r6'] : []), `r${first} = map[${index}]`,
      ...(callback ? ['r2 = &fn_each', 'r3 = 0', 'r4 = 0'] : [
        `r${first + 1} = ${random.pick(['r10', 'r10', '0', 'r6'])}`,
        ...(random.once(8) ? [] : [`r${first + 1} += -8`]),
        ...(first === 1 ? ['r3 = r10', 'r3 += -16'] : ['r4 = r10', 'r4 += -16']),
        `r${first === 1 ? 4 : 5} = ${random.pick([0, 1, 8])}`, ...(first === 1 ? ['r5 = 0'] : ['r3 = r2\nr3 = 0']),
        ...(first === 2 ? ['r3 = 0'] : []),
      ]).flatMap((line) => line.split('\n')),
      `call bpf_${name}`, ...after,
    ], random),
  }
}

const stack = ({ random }: SweepRequest): Text => {
  const kind = random.pick(plainKinds)
  const place = (): string => `${random.pick([-1, -2, -4, -8, -8, -12, -16, -16, -20, -24, -32, -512, -516, 0, 8])}`
  const at = (): string => place().replace(/^(?!-)/, '+')
  const steps = Array.from({ length: 2 + random.below(6) }, (): string[] => random.pick([
    () => [`*(${size(random)} *)(r10 ${at()}) = ${random.pick(['r6', 'r7', 'r8', 'r10', '0', '7'])}`],
    () => [`*(${size(random)} *)(r10 ${at()}) = ${random.pick(['r6', 'r7', 'r8', '0', '7'])}`],
    () => [`r9 = *(${size(random)} *)(r10 ${at()})`],
    () => [`r${random.pick([7, 8])} = *(u64 *)(r10 ${at()})`],
    () => ['r2 = r10', 'r2 += r8', `${random.once(2) ? 'r9 = *(u8 *)(r2 +0)' : '*(u8 *)(r2 +0) = 1'}`],
    () => ['r1 = r10', `r1 += ${place()}`, `r2 = ${random.pick([0, 1, 8, 16, 24])}`, 'r3 = 0',
      'call bpf_probe_read_kernel'],
    () => ['r2 = r10', `r2 += ${place()}`, `r1 = map[${mapIndex('hash')}]`, 'call bpf_map_lookup_elem'],
    () => ['r9 = *(u64 *)(r7 +0)'],
  ])())
  return {
    topic: 'stack', kind, isRoot: !random.once(4),
    lines: [
      'r6 = r1', ...random.pick(Object.values(numbers))(random, 8, kind), 'r7 = r10',
        `r7 += ${random.pick([-8, -16, -24])}`,
        ...steps.flat(), ...END,
    ],
  }
}

/** References, locks and sections, opened and closed in any order. */
const sections = ({ random, names }: SweepRequest): Text => {
  const kind = random.once(2) ? typedKind(random, names) : random.pick(plainKinds)
  const from = { ...pick(pointers, ['record', 'acquired', 'made', 'lookedUp', 'task', 'kept', 'plainValue', 'value']) }
  const lock = [`r1 = map[${mapIndex('locked')}]`, 'r2 = r10', 'r2 += -8', 'call bpf_map_lookup_elem',
    'if r0 == 0 goto out', 'r9 = r0']
  const steps = Array.from({ length: 1 + random.below(5) }, (): string[] => random.pick([
    () => ['call kfunc bpf_rcu_read_lock'], () => ['call kfunc bpf_rcu_read_unlock'],
    () => ['call kfunc bpf_preempt_disable'], () => ['call kfunc bpf_preempt_enable'],
    () => [...lock, 'r1 = r9', 'call bpf_spin_lock'], () => ['r1 = r9', 'call bpf_spin_unlock'],
    () => put(random, 7, kind, from), () => random.pick(gives)(random, 7), () => random.pick(gives)(random, 7),
    () => use(random, 7, 8), () => ['r1 = r10', 'r1 += -16', 'r2 = 8', 'r3 = 0', 'call bpf_copy_from_user'],
    () => ['call bpf_ktime_get_ns'],
  ])())
  return {
    topic: 'sections', kind, isGpl: true,
    lines: [...START, 'r7 = 0', 'r8 = 0', 'r9 = 0', ...steps.flat(), ...END],
  }
}

const pick = <T>(all: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> =>
  Object.fromEntries(names.map((name) => [name, all[name]!]))

const calls = ({ random, names }: SweepRequest): Text => {
  const kind = random.once(3) ? typedKind(random, names) : random.pick(plainKinds)
  const setup = [...put(random, 7, kind, pointers), ...put(random, 8, kind)]
  const body = (...lines: string[]): string[] => [
    ...lines, ...(random.once(2) ? use(random, random.pick([1, 1, 2]), random.pick([1, 2])) : []),
    ...random.pick([['r0 = 0'], ['r0 = 1'], ['r0 = 2'], ['r0 = r1'], ['call bpf_get_prandom_u32'], ['r0 = r10'], []]),
    'exit', 'out__:',
  ].filter((line) => line !== 'out__:')
  const name = random.pick([
    'plain', 'global_int', 'global_mem', 'global_nonnull', 'global_ctx', 'global_task', 'global_task_null',
    'global_dynptr',
    'global_void', 'global_text', 'loop', 'each', 'later', 'drain', 'loop', 'plain',
  ])
  const args = [`r1 = ${random.pick(['r6', 'r7', 'r8', 'r10', '0', '1'])}`,
    `r2 = ${random.pick(['r7', 'r8', '0', 'r10'])}`]
  const call = name === 'loop' ? [`r1 = ${random.pick(['0', '1', '10', 'r8', '9000000'])}`, 'r2 = &fn_loop',
    `r3 = ${random.pick(['r10', '0', 'r7', 'r6'])}`, `r4 = ${random.pick([0, 0, 0, 1])}`, 'call bpf_loop']
    : name === 'each' ? [`r1 = map[${random.below(worldMaps.length)}]`, 'r2 = &fn_each',
      `r3 = ${random.pick(['r10', '0', 'r7'])}`, 'r4 = 0', 'call bpf_for_each_map_elem']
      : name === 'later' ? ['r1 = r7', 'r2 = &fn_later', 'call bpf_timer_set_callback']
        : name === 'drain' ? [`r1 = map[${mapIndex('user_ring')}]`, 'r2 = &fn_drain', 'r3 = 0', 'r4 = 0',
          'call bpf_user_ringbuf_drain']
          : [...args, `call fn_${name}`]
  const inner = body().map((line) => line.replace('goto out', 'goto +0'))
  return {
    topic: 'calls', kind, isBare: random.once(6),
    lines: [...START, ...setup, ...call, ...(random.once(3) ? use(random, 7, 8) : []), ...END, `fn_${name}:`, ...inner],
  }
}

const loops = ({ random }: SweepRequest): Text => {
  const kind = random.pick(plainKinds)
  const limit = random.pick(['3', '10', '100', '0', '-1', 'r8'])
  const again = (): string => {
    const width = random.once(4) ? 'w' : 'r'
    const to = random.pick(['out', 'again', 'again'])
    return `if ${width}7 ${random.pick(COMPARES)} ${limit.replace('r', width)} goto ${to}`
  }
  const step = random.pick(['r7 += 1', 'r7 += 2', 'r7 -= 1', 'w7 += 1', 'r7 = r7', 'r7 <<= 1'])
  return {
    topic: 'loops', kind, isRoot: !random.once(5),
    lines: [
      ...START, ...numbers.below!(random, 8, kind), `r7 = ${random.pick([0, 1, -5])}`, 'again:', step,
      ...(random.once(2) ? use(random, 7, 8) : []),
      random.once(4) ? 'may_goto out' : again(),
      ...(random.once(2) ? ['goto again'] : []), ...END,
    ],
  }
}

const dynptrs = ({ random, names }: SweepRequest): Text => {
  const kind = random.once(3) ? typedKind(random, names) : random.pick(plainKinds)
  const at = (register: number): string[] => [`r${register} = r10`,
    `r${register} += -${random.pick([40, 40, 40, 48, 24, 44])}`]
  const make = random.pick([
    () => [`r1 = map[${mapIndex('data')}]+0`, 'r2 = 16', 'r3 = 0', ...at(4), 'call bpf_dynptr_from_mem'],
    () => [`r1 = map[${mapIndex('ring')}]`, `r2 = ${random.pick([8, 16])}`, 'r3 = 0', ...at(4),
      'call bpf_ringbuf_reserve_dynptr'],
    () => ['r1 = r6', 'r2 = 0', ...at(3), `call kfunc ${random.pick(['bpf_dynptr_from_skb', 'bpf_dynptr_from_xdp'])}`],
  ])
  const steps = Array.from({ length: 1 + random.below(4) }, (): string[] => random.pick([
    () => [...at(1), 'r2 = 0', `r3 = ${random.pick([1, 8, 16])}`, 'call bpf_dynptr_data', 'if r0 == 0 goto out',
      'r7 = r0', ...use(random, 7, 8)],
    () => ['r1 = r10', 'r1 += -16', 'r2 = 8', ...at(3), 'r4 = 0', 'r5 = 0', 'call bpf_dynptr_read'],
    () => [...at(1), 'r2 = 0', 'r3 = r10', 'r3 += -16', 'r4 = 8', 'r5 = 0', 'call bpf_dynptr_write'],
    () => [...at(1), 'r2 = 0', `call bpf_ringbuf_${random.pick(['submit', 'discard'])}_dynptr`],
    () => [...at(1), 'r2 = 0', 'r3 = r10', 'r3 += -16', 'r4 = 8',
      `call kfunc ${random.pick(['bpf_dynptr_slice', 'bpf_dynptr_slice_rdwr'])}`, 'if r0 == 0 goto out', 'r7 = r0',
      ...use(random, 7, 8)],
    () => [...at(1), 'r2 = 0', 'r3 = 8', 'call kfunc bpf_dynptr_adjust'],
    () => [...at(1), `call kfunc ${random.pick(['bpf_dynptr_size', 'bpf_dynptr_is_null', 'bpf_dynptr_is_rdonly'])}`],
    () => [...at(1), 'r2 = r10', 'r2 += -64', 'call kfunc bpf_dynptr_clone'],
    () => [`*(u64 *)(r10 -${random.pick([40, 32, 48])}) = 0`],
    // what is stored over a dynptr may be its own slice
    () => [`*(${random.pick(['u64', 'u64', 'u32'])} *)(r10 -${random.pick([40, 40, 32])}) = r7`,
      ...(random.once(3) ? [] : [`r7 = *(u64 *)(r10 -${random.pick([40, 40, 32])})`, ...use(random, 7, 8)])],
    () => ['r9 = *(u64 *)(r10 -40)'], () => use(random, 7, 8), make,
  ])())
  return { topic: 'dynptrs', kind, lines: [...START, 'r7 = 0', 'r8 = 0', ...make(), ...steps.flat(), ...END] }
}

const iterators = ({ random, names }: SweepRequest): Text => {
  const kind = random.once(2) ? typedKind(random, names) : random.pick(plainKinds)
  const name = random.pick(['num', 'num', 'task', 'css', 'bits', 'task_vma', 'css_task'])
  const bytes = name === 'task' || name === 'css' ? 24 : name === 'bits' ? 16 : 8
  const at = ['r1 = r10', `r1 += -${random.once(6) ? 48 : 16 + bytes}`]
  const create = name === 'num' ? [...at, 'r2 = 0', `r3 = ${random.pick([0, 3, 10, 1000])}`]
    : name === 'bits' ? [...at, 'r2 = r10', 'r2 += -8', 'r3 = 1']
      : name === 'task' ? [...at, 'r2 = 0', `r3 = ${random.pick([0, 1, 2])}`]
        : ['call bpf_get_current_task_btf', 'r2 = r0', ...at, 'r3 = 0']
  const section = random.once(2) ? ['call kfunc bpf_rcu_read_lock'] : []
  return {
    topic: 'iterators', kind,
    lines: [
      ...START, ...section, ...create, `call kfunc bpf_iter_${name}_new`, ...(random.once(3) ? ['goto done'] : []),
      'again:', ...at, `call kfunc bpf_iter_${name}_next`, 'if r0 == 0 goto done', 'r7 = r0', 'r8 = 0',
      ...use(random, 7, 8).map((line) => line.replace('goto out', 'goto done')), ...(random.once(6) ? ['r0 = 0',
        'exit'] : ['goto again']),
      'done:', ...(random.once(6) ? [] : [...at, `call kfunc bpf_iter_${name}_destroy`]),
      ...(section.length > 0 && !random.once(5) ? ['call kfunc bpf_rcu_read_unlock'] : []), ...END,
    ],
  }
}

const kfuncs = ({ random, names, kfuncs: known }: SweepRequest): Text => {
  const kind = random.once(2) ? typedKind(random, names) : random.pick(plainKinds)
  const [name, count] = random.pick([...known])
  const from = pick(pointers, ['task', 'acquired', 'made', 'argument', 'frame', 'plainValue', 'record', 'context',
    'kept', 'sock'])
  const args = Array.from({ length: count }, (_, at) => argument(random, kind, at + 1)).flat()
  return {
    topic: 'kfuncs', kind,
    lines: [
      ...START, ...put(random, 7, kind, from), ...put(random, 8, kind, random.once(3) ? from : numbers), ...args,
      ...(random.once(3) ? ['r1 = r7'] : []), `call kfunc ${name}`,
      ...(random.once(2) ? ['r7 = r0', 'if r7 == 0 goto out', ...use(random, 7, 8), ...random.pick(gives)(random, 7)]
        : []), ...END,
    ],
  }
}

/** What an attach type allows to hang on what. */
const targets = ({ random, names }: SweepRequest): Text => {
  const type = random.pick([26, 26, 26, 29])
  const attach = random.pick([23, 24, 25, 26, 27, 28, 43, random.below(58)])
  const lists = names === null ? [['security_file_open', 'bpf_lsm_file_open', 'bpf_lsm_getprocattr',
    'bpf_rcu_read_lock']]
    : [names.functions, names.functions, names.tracepoints, names.iterators]
  const target = type === 29 && random.once(2) ? lsmKind(random, names, true).target : random.pick(random.pick(lists))
  const kind: Kind = { type, attach, target, sleepable: random.once(5), pointers: [] }
  const word = random.below(8) * 8
  return {
    topic: 'targets', kind, isGpl: !random.once(10),
    lines: random.once(2) ? ['r0 = 0', 'exit'] : [`r2 = *(u64 *)(r1 +${word})`, 'r0 = 0', 'exit'],
  }
}

/** Where typed pointers lead: two loads of any width. */
const members = ({ random, names }: SweepRequest): Text => {
  const kind = typedKind(random, names)
  const step = (): string => {
    const off = random.once(3) ? random.below(600) : random.below(100) * 8
    return `r7 = *(${random.pick(['u64', 'u64', 'u32', 'u8'])} *)(r7 +${off})`
  }
  const from = pick(pointers, ['task', 'argument', 'argument', 'acquired', 'cast', 'sock'])
  return {
    topic: 'members', kind,
    lines: [
      ...START, ...put(random, 7, kind, from), 'r8 = 0', step(), ...(random.once(2) ? [step()] : []),
      ...(random.once(3) ? use(random, 7, 8) : []), ...END,
    ],
  }
}

const objects = ({ random, names }: SweepRequest): Text => {
  const kind = random.once(2) ? typedKind(random, names) : random.pick(plainKinds)
  const list = [`r1 = map[${mapIndex('lists')}]`, 'r2 = r10', 'r2 += -8', 'call bpf_map_lookup_elem',
    'if r0 == 0 goto out', 'r9 = r0']
  const steps = Array.from({ length: 1 + random.below(5) }, (): string[] => random.pick([
    () => [...list, 'r1 = r9', 'call bpf_spin_lock'], () => ['r1 = r9', 'call bpf_spin_unlock'],
    () => ['r1 = r9', 'r1 += 8', 'r2 = r7', ...(random.once(2) ? [] : ['r2 += 0']), 'r3 = 0', 'r4 = 0',
      `call kfunc bpf_list_push_${random.pick(['front', 'back'])}_impl`],
    () => ['r1 = r9', 'r1 += 8', `call kfunc bpf_list_pop_${random.pick(['front', 'back'])}`, 'r7 = r0'],
    () => [`r1 = ${NODE_TYPE}`, 'r2 = 0', 'call kfunc bpf_obj_new_impl', 'r7 = r0', 'if r7 == 0 goto out'],
    () => ['if r7 == 0 goto out'], () => ['r1 = r7', 'r2 = 0', 'call kfunc bpf_obj_drop_impl'], () => use(random, 7, 8),
    () => [...pointers.kept!(random, 7, kind)],
    () => ['r1 = r9', 'r2 = r7', 'call bpf_kptr_xchg', 'r7 = r0'],
  ])())
  return { topic: 'objects', kind, lines: [...START, 'r7 = 0', 'r8 = 0', 'r9 = 0', ...steps.flat(), ...END] }
}

export const topics: readonly ((asked: SweepRequest) => Text)[] = [
  helpers, helpers, helpers, available, memory, memory, moved, numbersTopic, numbersTopic, compares, compares, context,
  context, returns, maps, maps, stack, sections, calls, loops, dynptrs, iterators, kfuncs, kfuncs, targets, members,
  objects,
]
/** Those that ask about a kernel's own types, which the recorded set cannot. */
export const kernelTopics: ReadonlySet<string> = new Set(['members'])
