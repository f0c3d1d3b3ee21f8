/** Types of programs with their attach types, and what they hang on. */
import { hookDefs } from '@lsmkit/core'
import type { Btf, BtfDeclTag } from '@lsmkit/bpf/btf'
import type { Random } from './random.ts'

export interface Kind {
  readonly type: number
  readonly attach: number
  readonly target: string
  readonly sleepable: boolean
  /** The pointers that a load finds in its context: offset, and type. */
  readonly pointers: readonly (readonly [offset: number, what: 'packet' | 'sock' | 'struct' | 'any'])[]
}

const plain = (type: number, attach = 0, pointers: Kind['pointers'] = []): Kind =>
  ({ type, attach, target: '', sleepable: false, pointers })

/** `struct __sk_buff`: data at 76, its end at 80, the socket at 168. */
const skb: Kind['pointers'] = [[76, 'packet'], [168, 'sock']]
const skbOnly: Kind['pointers'] = [[168, 'sock']]

/** Those that hang on nothing by name. */
export const plainKinds: readonly Kind[] = [
  plain(1), plain(2), plain(2, 42), plain(2, 48), plain(2, 56), plain(3, 0, skb), plain(4, 0, skb), plain(5),
  plain(6, 0, [[0, 'packet']]), plain(7), plain(8, 0, skb), plain(8, 1, skb), plain(9, 2), plain(9, 12), plain(9, 13),
  plain(9, 34), plain(10, 0, skbOnly), plain(11, 0, skbOnly), plain(12, 0, skbOnly), plain(13, 3, [[184, 'sock']]),
  plain(14, 4, skb), plain(14, 38, skb), plain(15, 6), plain(16, 7, [[0, 'packet'], [72, 'sock']]), plain(17),
  ...[8, 9, 10, 11, 14, 15, 19, 20, 29, 30, 31, 32, 49, 50, 51, 52, 53].map((attach) => plain(18, attach, [[64,
    'sock']])),
  plain(19, 0, skbOnly), plain(21, 39, [[0, 'packet'], [40, 'sock']]), plain(22, 17, [[76, 'packet']]), plain(23, 18),
  plain(24), plain(25, 21, [[8, 'packet'], [0, 'sock']]), plain(25, 22, [[8, 'packet'], [0, 'sock']]),
  plain(30, 36, [[0, 'sock']]), { ...plain(31), sleepable: true }, plain(32, 45, [[0, 'struct'], [8, 'struct']]),
]

const hooks = Object.keys(hookDefs)
const words: Kind['pointers'] = [[0, 'struct'], [8, 'struct'], [16, 'any']]
/** Hooks that most of the programs about something else hang on: tasks, files, sockets, nothing. */
const usual = [
  'file_open', 'bprm_check_security', 'task_alloc', 'socket_connect', 'inode_unlink', 'inode_free_security', 'settime',
  'sk_alloc_security', 'cred_prepare', 'socket_sock_rcv_skb', 'inode_xattr_skipcap', 'bpf', 'task_free', 'sb_statfs',
]

export const lsmKind = (random: Random, names: Names | null, all = false): Kind => {
  const target = `bpf_lsm_${random.pick(all ? names?.hooks ?? hooks : usual)}`
  const isGroup = random.below(8) === 0
  return {
    type: 29, attach: isGroup ? 43 : 27, target, sleepable: !isGroup && random.below(4) === 0, pointers: words,
  }
}

/** Tracing programs: on functions that stand before the hooks, or any in the kernel's types. */
export const tracingKind = (random: Random, names: Names | null): Kind => {
  const attach = random.pick([24, 25, 26])
  const isKnown = names === null || random.below(3) > 0
  const target = isKnown ? `security_${random.pick(usual)}` : random.pick(names.functions)
  return { type: 26, attach, target, sleepable: random.below(12) === 0, pointers: words }
}

/** Names out of a kernel's types. */
export interface Names {
  readonly functions: readonly string[]
  readonly tracepoints: readonly string[]
  readonly iterators: readonly string[]
  /** Without `bpf_lsm_`. */
  readonly hooks: readonly string[]
  /** By name: how many arguments. Empty where the types do not mark them. */
  readonly kfuncs: ReadonlyMap<string, number>
}

const KFUNC_TAG = 'bpf_kfunc'

const markedKfuncs = (btf: Btf): Map<string, number> => new Map([...btf.ids('decl_tag')]
  .filter((id) => btf.name(id) === KFUNC_TAG)
  .map((id) => (btf.type(id) as BtfDeclTag).type)
  .map((func) => [btf.name(func), btf.proto(func)?.params.length ?? 0]))

export const namesOf = (btf: Btf): Names => {
  const functions = [...btf.ids('func')].map((id) => btf.name(id))
  return {
    functions: functions.filter((name) => !name.startsWith('bpf_lsm_') && !name.startsWith('bpf_iter_')),
    iterators: functions.filter((name) => name.startsWith('bpf_iter_') && !/_(new|next|destroy)$/.test(name)),
    hooks: functions.filter((name) => name.startsWith('bpf_lsm_')).map((name) => name.slice('bpf_lsm_'.length)),
    kfuncs: markedKfuncs(btf),
    tracepoints: [...btf.ids('typedef')].map((id) => btf.name(id)).filter((name) => name.startsWith('btf_trace_')),
  }
}

export const typedKind = (random: Random, names: Names | null): Kind => {
  const choice = random.below(names === null ? 8 : 12)
  if (choice < 6) return lsmKind(random, names)
  if (choice < 8) return tracingKind(random, names)
  if (choice < 11) {
    return { type: 26, attach: 23, target: random.pick(names!.tracepoints), sleepable: false, pointers: words }
  }
  return {
    type: 26, attach: 28, target: random.pick(names!.iterators), sleepable: random.below(4) === 0, pointers: words,
  }
}

export const anyKind = (random: Random, names: Names | null): Kind =>
  random.below(3) === 0 ? typedKind(random, names) : random.pick(plainKinds)
