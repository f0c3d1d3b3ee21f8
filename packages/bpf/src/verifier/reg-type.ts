/** Kinds of value a register may hold: a base in the low byte, flags above, and how the log names them. */

export const NOT_INIT = 0
export const SCALAR = 1
export const PTR_TO_CTX = 2
export const CONST_PTR_TO_MAP = 3
export const PTR_TO_MAP_VALUE = 4
export const PTR_TO_MAP_KEY = 5
export const PTR_TO_STACK = 6
export const PTR_TO_PACKET_META = 7
export const PTR_TO_PACKET = 8
export const PTR_TO_PACKET_END = 9
export const PTR_TO_FLOW_KEYS = 10
export const PTR_TO_SOCKET = 11
export const PTR_TO_SOCK_COMMON = 12
export const PTR_TO_TCP_SOCK = 13
export const PTR_TO_TP_BUFFER = 14
export const PTR_TO_XDP_SOCK = 15
export const PTR_TO_BTF_ID = 16
export const PTR_TO_MEM = 17
export const PTR_TO_ARENA = 18
export const PTR_TO_BUF = 19
export const PTR_TO_FUNC = 20
export const CONST_PTR_TO_DYNPTR = 21

const BASE = 0xff
export const MAYBE_NULL = 1 << 8
export const RDONLY = 1 << 9
export const RINGBUF = 1 << 10
export const USER = 1 << 11
export const PERCPU = 1 << 12
export const UNTRUSTED = 1 << 13
export const TRUSTED = 1 << 14
/** An object that a program allocated (bpf_obj_new). */
export const ALLOC = 1 << 15
export const RCU = 1 << 16
export const NON_OWN_REF = 1 << 17
export const DYNPTR_SKB = 1 << 18
export const DYNPTR_XDP = 1 << 19

export const baseOf = (type: number): number => type & BASE
export const flagsOf = (type: number): number => type & ~BASE
export const maybeNull = (type: number): boolean => (type & MAYBE_NULL) !== 0

const names = [
  '?', 'scalar', 'ctx', 'map_ptr', 'map_value', 'map_key', 'fp', 'pkt_meta', 'pkt', 'pkt_end', 'flow_keys', 'sock',
  'sock_common',
  'tcp_sock', 'tp_buffer', 'xdp_sock', 'ptr_', 'mem', 'arena', 'buf', 'func', 'dynptr_ptr',
]

const prefixes: readonly (readonly [number, string])[] = [
  [RDONLY, 'rdonly_'], [RINGBUF, 'ringbuf_'], [USER, 'user_'], [PERCPU, 'percpu_'], [RCU, 'rcu_'],
  [UNTRUSTED, 'untrusted_'],
  [TRUSTED, 'trusted_'],
]

/** As `reg_type_str`: `rdonly_mem_or_null`, `trusted_ptr_or_null_`. */
export const typeName = (type: number): string => {
  const prefix = prefixes.map(([flag, text]) => ((type & flag) !== 0 ? text : '')).join('')
  const suffix = !maybeNull(type) ? '' : baseOf(type) === PTR_TO_BTF_ID ? 'or_null_' : '_or_null'
  return prefix + names[baseOf(type)]! + suffix
}

export const isPacket = (type: number): boolean => {
  const base = baseOf(type)
  return base === PTR_TO_PACKET || base === PTR_TO_PACKET_META
}

export const isSocket = (type: number): boolean => {
  const base = baseOf(type)
  return base === PTR_TO_SOCKET || base === PTR_TO_SOCK_COMMON || base === PTR_TO_TCP_SOCK || base === PTR_TO_XDP_SOCK
}

export const isMapPointer = (type: number): boolean => {
  const base = baseOf(type)
  return base === CONST_PTR_TO_MAP || base === PTR_TO_MAP_VALUE || base === PTR_TO_MAP_KEY
}

/** A reference to a node that a list or tree owns. */
export const isNonOwning = (type: number): boolean => (type & ALLOC) !== 0 && (type & NON_OWN_REF) !== 0

export const DYNPTR_LOCAL = 1
export const DYNPTR_RINGBUF = 2
export const DYNPTR_KIND_SKB = 3
export const DYNPTR_KIND_XDP = 4
export const dynptrName = (kind: number): string => ['', 'local', 'ringbuf', 'skb', 'xdp'][kind] ?? 'unknown'

export const ITER_ACTIVE = 1
export const ITER_DRAINED = 2
export const iterStateName = (state: number): string => ['<invalid>', 'active', 'drained'][state] ?? '<unknown>'

/** The kinds of one byte of the stack. */
export const STACK_INVALID = 0
export const STACK_SPILL = 1
export const STACK_MISC = 2
export const STACK_ZERO = 3
export const STACK_DYNPTR = 4
export const STACK_ITER = 5
export const SLOT_LETTERS = '?rm0di'
