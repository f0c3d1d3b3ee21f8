/** Pieces of programs as assembly: what puts something into a register, and what is done with it. */
import { mapIndex, NODE_TYPE, worldMaps } from '../../src/bpf-sweep/world.ts'
import type { Kind } from './kinds.ts'
import type { Random } from './random.ts'

/** r6 has the context throughout; `out` ends the program. */
export const START = ['r6 = r1', '*(u64 *)(r10 -8) = 0', '*(u64 *)(r10 -16) = 0']
export const END = ['out:', 'r0 = 0', 'exit']

const map = (name: string): string => `map[${mapIndex(name)}]`
const key = (name: string): string[] => [`r1 = ${map(name)}`, 'r2 = r10', 'r2 += -8']
const lookUp = (name: string, register: number): string[] =>
  [...key(name), 'call bpf_map_lookup_elem', `r${register} = r0`]
const found = (name: string, register: number): string[] =>
  [...lookUp(name, register), `if r${register} == 0 goto out`]

type Piece = (random: Random, register: number, kind: Kind) => string[]

const valueMaps = ['array', 'hash', 'lru', 'percpu_array', 'trie', 'read_only', 'write_only', 'locked', 'timed',
  'keeps']

/** Numbers: known, unknown, and with bounds of several kinds. */
export const numbers: Readonly<Record<string, Piece>> = {
  known: (random, r) => [`r${r} = ${random.constant()}`],
  wide: (random, r) => [`r${r} = 0x${random.word().toString(16)}${random.word().toString(16).padStart(8, '0')} ll`],
  unknown: (_, r) => ['call bpf_get_prandom_u32', `r${r} = r0`],
  masked: (random, r) => ['call bpf_get_prandom_u32', `r${r} = r0`,
    `r${r} &= ${random.pick([1, 3, 7, 8, 15, 16, 255])}`],
  below: (random, r) => ['call bpf_get_prandom_u32', `r${r} = r0`, `if r${r} > ${random.below(24)} goto out`],
  below32: (random, r) => ['call bpf_get_prandom_u32', `r${r} = r0`, `if w${r} > ${random.below(24)} goto out`],
  signed: (random, r) => [
    'call bpf_get_prandom_u32', `r${r} = r0`, `if r${r} s> ${random.below(24)} goto out`,
    `if r${r} s< ${random.pick([0, -1, -8, -16])} goto out`,
  ],
  shifted: (random, r) =>
    ['call bpf_get_prandom_u32', `r${r} = r0`, `r${r} <<= 32`, `r${r} s>>= ${random.pick([32, 59, 60, 61, 63])}`],
  half: (random, r) => ['call bpf_get_prandom_u32', `w${r} = w0`, `w${r} >>= ${random.pick([1, 16, 28, 29, 31])}`],
  sized: (random, r) => [`r${r} = *(u${random.pick([8, 16, 32])} *)(r10 -${random.pick([8, 16])})`],
}

/** Pointers of every kind that a program can have. */
export const pointers: Readonly<Record<string, Piece>> = {
  frame: (random, r) => [`r${r} = r10`, `r${r} += -${random.pick([8, 16, 16, 24, 512, 520])}`],
  bareFrame: (_, r) => [`r${r} = r10`],
  context: (_, r) => [`r${r} = r6`],
  map: (random, r) => [`r${r} = map[${random.below(worldMaps.length)}]`],
  value: (random, r) => found(random.pick(valueMaps), r),
  plainValue: (_, r) => found('array', r),
  untested: (random, r) => lookUp(random.pick(valueMaps), r),
  inner: (random, r) => found(random.pick(['arrays', 'hashes']), r),
  untestedInner: (_, r) => lookUp('arrays', r),
  socketOfMap: (random, r) => found(random.pick(['sockets', 'sockets_by']), r),
  device: (random, r) => found(random.pick(['devices', 'devices_by', 'xsks']), r),
  address: (random, r) => [`r${r} = ${map('data')}+${random.pick([0, 4, 8, 15, 16])}`],
  constants: (random, r) => [`r${r} = ${map('rodata')}+${random.pick([0, 4, 8, 12])}`],
  record: (random, r) => [
    `r1 = ${map('ring')}`, `r2 = ${random.pick([8, 16, 64])}`, 'r3 = 0', 'call bpf_ringbuf_reserve', `r${r} = r0`,
    ...(random.once(6) ? [] : [`if r${r} == 0 goto out`]),
  ],
  task: (_, r) => ['call bpf_get_current_task_btf', `r${r} = r0`],
  someTask: (_, r) => ['call bpf_get_current_task', `r${r} = r0`],
  argument: (random, r, { pointers: places }) =>
    [`r${r} = *(u64 *)(r6 +${places.length > 0 ? random.pick(places)[0] : random.below(5) * 8})`],
  packet: (random, r, { type, pointers: places }) => {
    const at = places.find(([, what]) => what === 'packet')?.[0] ?? 76
    const size = type === 25 || type === 16 || type === 21 ? 'u64' : 'u32'
    const end = size === 'u64' ? 8 : 4
    return [
      `r${r} = *(${size} *)(r6 +${at})`, `r1 = *(${size} *)(r6 +${at + end})`, `r2 = r${r}`,
      `r2 += ${random.pick([8, 16, 64])}`,
      random.pick(['if r2 > r1 goto out', 'if r1 < r2 goto out', 'if r2 >= r1 goto out', 'if w2 > w1 goto out']),
    ]
  },
  packetEnd: (_, r, { pointers: places }) =>
    [`r${r} = *(u32 *)(r6 +${(places.find(([, what]) => what === 'packet')?.[0] ?? 76) + 4})`],
  sock: (random, r, { pointers: places }) => {
    const at = places.find(([, what]) => what === 'sock')?.[0] ?? 168
    return [`r${r} = *(u64 *)(r6 +${at})`, ...(random.once(4) ? [] : [`if r${r} == 0 goto out`])]
  },
  fullSock: (random, r, { pointers: places }) => {
    const at = places.find(([, what]) => what === 'sock')?.[0] ?? 168
    return [
      `r1 = *(u64 *)(r6 +${at})`, 'if r1 == 0 goto out', random.pick(['call bpf_sk_fullsock', 'call bpf_tcp_sock']),
      `r${r} = r0`, ...(random.once(4) ? [] : [`if r${r} == 0 goto out`]),
    ]
  },
  lookedUp: (random, r) => [
    'r1 = r6', 'r2 = r10', 'r2 += -12', 'r3 = 12', 'r4 = -1', 'r5 = 0',
    random.pick(['call bpf_sk_lookup_tcp', 'call bpf_sk_lookup_udp', 'call bpf_skc_lookup_tcp']), `r${r} = r0`,
    `if r${r} == 0 goto out`,
  ],
  storage: (random, r) => [
    `r1 = ${map('of_tasks')}`, 'r9 = r1', 'call bpf_get_current_task_btf', 'r1 = r9', 'r2 = r0', 'r3 = 0',
    `r4 = ${random.below(3)}`, 'call bpf_task_storage_get', `r${r} = r0`,
    ...(random.once(4) ? [] : [`if r${r} == 0 goto out`]),
  ],
  groupStorage: (random, r) => [
    `r1 = ${map(random.pick(['group_storage', 'group_percpu']))}`, 'r2 = 0', 'call bpf_get_local_storage', `r${r} = r0`,
  ],
  made: (random, r) => [
    `r1 = ${NODE_TYPE}`, 'r2 = 0', 'call kfunc bpf_obj_new_impl', `r${r} = r0`,
    ...(random.once(5) ? [] : [`if r${r} == 0 goto out`]),
  ],
  acquired: (random, r) => [
    'call bpf_get_current_task_btf', 'r1 = r0', 'call kfunc bpf_task_acquire', `r${r} = r0`,
    ...(random.once(5) ? [] : [`if r${r} == 0 goto out`]),
  ],
  kept: (random, r) => [...found('keeps', r), `r${r} = *(u64 *)(r${r} +${random.pick([0, 8])})`],
  cast: (_, r) => ['r1 = r6', 'call kfunc bpf_cast_to_kern_ctx', `r${r} = r0`],
  sliced: (random, r) => [
    `r1 = ${map('data')}+0`, 'r2 = 16', 'r3 = 0', 'r4 = r10', 'r4 += -40', 'call bpf_dynptr_from_mem', 'r1 = r10',
    'r1 += -40', 'r2 = 0', `r3 = ${random.pick([4, 8, 16])}`, 'call bpf_dynptr_data', `r${r} = r0`,
    ...(random.once(4) ? [] : [`if r${r} == 0 goto out`]),
  ],
}

export const anything: Readonly<Record<string, Piece>> = { ...numbers, ...pointers, nothing: () => [] }

const SIZES = ['u8', 'u16', 'u32', 'u64'] as const
const width = (random: Random): string => random.pick(SIZES)
const offset = (random: Random): number =>
  random.pick([0, 0, 0, 4, 8, 8, 12, 15, 16, 24, -8, -16, 2, 1, 40, 44, 48, random.below(128) - 32])
const SIGNS = ['+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>=', 's>>=']
const SIGNED = ['s/=', 's%=']
export const COMPARES = ['==', '!=', '>', '>=', '<', '<=', 's>', 's>=', 's<', 's<=', '&']
const ATOMICS = ['+=', '&=', '|=', '^=']

/** The uses of a register; `other` is another one that holds something. */
export const uses: readonly ((random: Random, r: number, other: number) => string[])[] = [
  (random, r) => [`r0 = *(${width(random)} *)(r${r} ${at(offset(random))})`],
  (random, r) => [`r0 = *(s${random.pick([8, 16, 32])} *)(r${r} ${at(offset(random))})`],
  (random, r) => [`*(${width(random)} *)(r${r} ${at(offset(random))}) = ${random.constant()}`],
  (random, r, other) => [`*(${width(random)} *)(r${r} ${at(offset(random))}) = r${other}`],
  (random, r, other) => [
    random.pick([
      `lock *(${random.pick(['u32', 'u64'])} *)(r${r} ${at(offset(random))}) ${random.pick(ATOMICS)} r${other}`,
      `r${other} = atomic64_fetch_add((u64 *)(r${r} ${at(offset(random))}), r${other})`,
      `r${other} = atomic_xchg((u32 *)(r${r} ${at(offset(random))}), r${other})`,
      `r0 = 0\nr0 = atomic64_cmpxchg((u64 *)(r${r} ${at(offset(random))}), r0, r${other})`,
    ]),
  ],
  (random, r) => [`r${r} ${random.pick(SIGNS)} ${random.constant()}`],
  (random, r) => [`w${r} ${random.pick(SIGNS)} ${random.constant()}`],
  (random, r, other) => [`r${r} ${random.pick([...SIGNS, '+=', '-=', '+=', ...SIGNED])} r${other}`],
  (random, r, other) => [`w${r} ${random.pick([...SIGNS, ...SIGNED])} w${other}`],
  (random, r, other) => [
    random.pick([`r${r} = -r${r}`, `w${r} = -w${r}`, `r${r} = (s8)r${other}`, `r${r} = (s32)r${other}`,
      `w${r} = (s16)w${other}`, `w${r} = w${other}`, `r${r} = r${other}`,
        `r${r} = be${random.pick([16, 32, 64])} r${r}`,
      `r${r} = bswap${random.pick([16, 32, 64])} r${r}`]),
  ],
  (random, r) => [`*(u64 *)(r10 -${random.pick([8, 16, 24])}) = r${r}`],
  (random, r) =>
    [`*(u64 *)(r10 -24) = r${r}`,
      `r${r} = *(${random.pick(['u64', 'u64', 'u32', 'u8'])} *)(r10 -${random.pick([24, 24, 20])})`],
  (random, r) =>
    [`*(u32 *)(r10 -24) = r${r}`, `r${r} = *(${random.pick(['u64', 'u32', 'u16'])} *)(r10 -24)`],
  (random, r) => [`if r${r} ${random.pick(COMPARES)} ${random.pick([0, 0, random.constant()])} goto out`],
  (random, r) => [`if w${r} ${random.pick(COMPARES)} ${random.pick([0, 0, random.constant()])} goto out`],
  (random, r, other) => [`if r${r} ${random.pick(COMPARES)} r${other} goto out`],
  (random, r, other) => [`if w${r} ${random.pick(COMPARES)} w${other} goto out`],
  (random, r) => [`r0 = r${r}`, ...(random.once(2) ? ['exit'] : [])],
]

const at = (off: number): string => (off < 0 ? `${off}` : `+${off}`)

/** Takes back what was acquired, the right way or another. */
export const gives: readonly ((random: Random, r: number) => string[])[] = [
  (_, r) => [`r1 = r${r}`, 'r2 = 0', 'call bpf_ringbuf_submit'],
  (_, r) => [`r1 = r${r}`, 'r2 = 0', 'call bpf_ringbuf_discard'],
  (_, r) => [`r1 = r${r}`, 'call bpf_sk_release'],
  (_, r) => [`r1 = r${r}`, 'call kfunc bpf_task_release'],
  (_, r) => [`r1 = r${r}`, 'r2 = 0', 'call kfunc bpf_obj_drop_impl'],
]
