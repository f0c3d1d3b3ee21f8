/** `union bpf_attr`: the fields of each command, by place, and what CHECK_ATTR refuses (include/uapi/linux/bpf.h). */
import * as abi from '@lsmkit/abi'
import { E2BIG, EFAULT, dictionary } from '@lsmkit/abi'
import { ATTR_BYTES } from '@lsmkit/core'
import { isGuestBytes } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'

/** A field's place; pointers are objects here (bytes to read or fill), names are texts. */
export type BpfField = readonly [name: string, offset: number, kind: 'u32' | 'u64' | 'pointer' | 'name']

const u32 = (offset: number, ...names: string[]): BpfField[] =>
  names.map((name, index) => [name, offset + index * 4, 'u32'])
const u64 = (offset: number, ...names: string[]): BpfField[] =>
  names.map((name, index) => [name, offset + index * 8, 'u64'])
const pointers = (offset: number, ...names: string[]): BpfField[] =>
  names.map((name, index) => [name, offset + index * 8, 'pointer'])
const name16 = (offset: number, name: string): BpfField => [name, offset, 'name']

const SIZES = { u32: 4, u64: 8, pointer: 8, name: 16 } as const
/** `sizeof(union bpf_attr)`. */
export const ATTR_SIZE = 152
const PAGE_SIZE = 4096

const element = [...u32(0, 'map_fd'), ...pointers(8, 'key')]
const valued = [...element, ...pointers(16, 'value'), ...u64(24, 'flags')]
const batch = [
  ...pointers(0, 'in_batch', 'out_batch', 'keys', 'values'), ...u32(32, 'count', 'map_fd'),
  ...u64(40, 'elem_flags', 'flags'),
]
const pinned = [...pointers(0, 'pathname'), ...u32(8, 'bpf_fd', 'file_flags', 'path_fd')]
const nextId = u32(0, 'start_id', 'next_id')
const attached = [
  ...u32(0, 'target_fd', 'attach_bpf_fd', 'attach_type', 'attach_flags', 'replace_bpf_fd', 'relative_fd'),
  ...u64(24, 'expected_revision'),
]

/** By command; CHECK_ATTR wants zeroes behind a command's last field. */
export const bpfFields: Readonly<Record<number, readonly BpfField[]>> = {
  [abi.BPF_MAP_CREATE]: [
    ...u32(0, 'map_type', 'key_size', 'value_size', 'max_entries', 'map_flags', 'inner_map_fd', 'numa_node'),
    name16(28, 'map_name'),
    ...u32(44, 'map_ifindex', 'btf_fd', 'btf_key_type_id', 'btf_value_type_id', 'btf_vmlinux_value_type_id'),
    ...u64(64, 'map_extra'), ...u32(72, 'value_type_btf_obj_fd', 'map_token_fd'),
  ],
  [abi.BPF_MAP_LOOKUP_ELEM]: valued,
  [abi.BPF_MAP_UPDATE_ELEM]: valued,
  [abi.BPF_MAP_DELETE_ELEM]: element,
  [abi.BPF_MAP_GET_NEXT_KEY]: [...element, ...pointers(16, 'next_key')],
  [abi.BPF_MAP_LOOKUP_AND_DELETE_ELEM]: valued,
  [abi.BPF_MAP_FREEZE]: u32(0, 'map_fd'),
  [abi.BPF_MAP_LOOKUP_BATCH]: batch,
  [abi.BPF_MAP_LOOKUP_AND_DELETE_BATCH]: batch,
  [abi.BPF_MAP_UPDATE_BATCH]: batch,
  [abi.BPF_MAP_DELETE_BATCH]: batch,
  [abi.BPF_PROG_LOAD]: [
    ...u32(0, 'prog_type', 'insn_cnt'), ...pointers(8, 'insns', 'license'), ...u32(24, 'log_level', 'log_size'),
    ...pointers(32, 'log_buf'), ...u32(40, 'kern_version', 'prog_flags'), name16(48, 'prog_name'),
    ...u32(64, 'prog_ifindex', 'expected_attach_type', 'prog_btf_fd', 'func_info_rec_size'),
    ...pointers(80, 'func_info'), ...u32(88, 'func_info_cnt', 'line_info_rec_size'), ...pointers(96, 'line_info'),
    ...u32(104, 'line_info_cnt', 'attach_btf_id', 'attach_prog_fd', 'core_relo_cnt'),
    ...pointers(120, 'fd_array', 'core_relos'), ...u32(136, 'core_relo_rec_size', 'log_true_size', 'prog_token_fd'),
  ],
  [abi.BPF_OBJ_PIN]: pinned,
  [abi.BPF_OBJ_GET]: pinned,
  [abi.BPF_PROG_ATTACH]: attached,
  [abi.BPF_PROG_DETACH]: attached,
  [abi.BPF_PROG_TEST_RUN]: [
    ...u32(0, 'prog_fd', 'retval', 'data_size_in', 'data_size_out'), ...pointers(16, 'data_in', 'data_out'),
    ...u32(32, 'repeat', 'duration', 'ctx_size_in', 'ctx_size_out'), ...pointers(48, 'ctx_in', 'ctx_out'),
    ...u32(64, 'flags', 'cpu', 'batch_size'),
  ],
  [abi.BPF_PROG_GET_NEXT_ID]: nextId,
  [abi.BPF_MAP_GET_NEXT_ID]: nextId,
  [abi.BPF_BTF_GET_NEXT_ID]: nextId,
  [abi.BPF_LINK_GET_NEXT_ID]: nextId,
  [abi.BPF_PROG_GET_FD_BY_ID]: u32(0, 'prog_id'),
  [abi.BPF_MAP_GET_FD_BY_ID]: u32(0, 'map_id', 'next_id', 'open_flags'),
  [abi.BPF_BTF_GET_FD_BY_ID]: u32(0, 'btf_id'),
  [abi.BPF_LINK_GET_FD_BY_ID]: u32(0, 'link_id'),
  [abi.BPF_OBJ_GET_INFO_BY_FD]: [...u32(0, 'bpf_fd', 'info_len'), ...pointers(8, 'info')],
  [abi.BPF_PROG_QUERY]: [
    ...u32(0, 'target_fd', 'attach_type', 'query_flags', 'attach_flags'), ...pointers(16, 'prog_ids'),
    ...u32(24, 'prog_cnt'), ...pointers(32, 'prog_attach_flags', 'link_ids', 'link_attach_flags'),
    ...u64(56, 'revision'),
  ],
  [abi.BPF_RAW_TRACEPOINT_OPEN]: [...pointers(0, 'name'), ...u32(8, 'prog_fd'), ...u64(16, 'cookie')],
  [abi.BPF_BTF_LOAD]: [
    ...pointers(0, 'btf', 'btf_log_buf'),
    ...u32(16, 'btf_size', 'btf_log_size', 'btf_log_level', 'btf_log_true_size', 'btf_flags', 'btf_token_fd'),
  ],
  [abi.BPF_TASK_FD_QUERY]: [
    ...u32(0, 'pid', 'fd', 'flags', 'buf_len'), ...pointers(16, 'buf'), ...u32(24, 'prog_id', 'fd_type'),
    ...u64(32, 'probe_offset', 'probe_addr'),
  ],
  [abi.BPF_LINK_CREATE]: [
    ...u32(0, 'prog_fd', 'target_fd', 'attach_type', 'flags', 'target_btf_id'), ...u64(24, 'cookie'),
  ],
  [abi.BPF_LINK_UPDATE]: u32(0, 'link_fd', 'new_prog_fd', 'flags', 'old_prog_fd'),
  [abi.BPF_LINK_DETACH]: u32(0, 'link_fd'),
  [abi.BPF_ENABLE_STATS]: u32(0, 'type'),
  [abi.BPF_ITER_CREATE]: u32(0, 'link_fd', 'flags'),
  [abi.BPF_PROG_BIND_MAP]: u32(0, 'prog_fd', 'map_fd', 'flags'),
  [abi.BPF_TOKEN_CREATE]: u32(0, 'flags', 'bpffs_fd'),
}

/** A command's fields as they were copied in. */
export class Attr {
  /** The fields as hooks see them. */
  readonly values: Readonly<Record<string, unknown>>
  /** A field behind the command's last one is set (CHECK_ATTR). */
  readonly hasTail: boolean
  /** Where answers go. */
  readonly out: Record<string, unknown>

  constructor(values: Readonly<Record<string, unknown>>, hasTail: boolean, out: Record<string, unknown>) {
    this.values = values
    this.hasTail = hasTail
    this.out = out
  }

  /** A number; 0 when it is not given. */
  number(name: string): number {
    return this.values[name] as number
  }

  /** A descriptor: the number as a signed one. */
  fd(name: string): number {
    return this.number(name) | 0
  }

  /** Null for no pointer. */
  bytes(name: string): GuestBytes | null {
    const value = this.values[name]
    return isGuestBytes(value) ? value : null
  }

  pointer(name: string): unknown {
    return this.values[name]
  }
}

const ZERO = { u32: 0, u64: 0, pointer: null, name: '' } as const

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== 0 && value !== 0n && value !== '' && value !== false

/** One field of the caller's object; undefined if it has another type. */
const taken = (kind: BpfField[2], value: unknown): unknown => {
  if (!isSet(value)) return ZERO[kind]
  const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))
  switch (kind) {
    case 'u32': return isWhole ? Number(BigInt.asUintN(32, BigInt(value))) : undefined
    case 'u64': return isWhole ? Number(BigInt.asUintN(64, BigInt(value))) : undefined
    case 'name': return typeof value === 'string' ? value : undefined
    case 'pointer': return value
  }
}

/** The union in memory; objects that stand for pointers have no address there. */
const bytesOf = (fields: readonly BpfField[], values: Readonly<Record<string, unknown>>): Uint8Array => {
  const bytes = new Uint8Array(ATTR_SIZE)
  const view = new DataView(bytes.buffer)
  for (const [name, offset, kind] of fields) {
    const value = values[name]
    if (typeof value === 'number' && kind === 'u32') view.setUint32(offset, value, true)
    else if (typeof value === 'number' && kind === 'u64') view.setBigUint64(offset, BigInt(value), true)
    else if (typeof value === 'string' && kind === 'name') {
      bytes.set(new TextEncoder().encode(value).subarray(0, SIZES.name - 1), offset)
    }
  }
  return bytes
}

/**
 * As the beginning of `__sys_bpf`: -E2BIG, -EFAULT. Fields beyond `size` are 0. A name that the command does not
 * have counts as a field behind its last one.
 */
export const copyAttr = (cmd: number, given: unknown, size: number): Attr | number => {
  if (!(size >= 0) || size > PAGE_SIZE) return -E2BIG
  if (given === null || typeof given !== 'object') return -EFAULT
  const out = given as Record<string, unknown>
  const fields = bpfFields[cmd] ?? []
  const values = dictionary<unknown>()
  let hasTail = false
  for (const [name, offset, kind] of fields) {
    const value = taken(kind, offset + SIZES[kind] <= size ? out[name] : undefined)
    if (value === undefined) return -EFAULT
    values[name] = value
  }
  for (const [name, value] of Object.entries(out)) if (!(name in values) && isSet(value)) hasTail = true
  Object.defineProperty(values, ATTR_BYTES, { value: () => bytesOf(fields, values) })
  return new Attr(values, hasTail, out)
}
