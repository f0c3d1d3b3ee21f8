/** bpf(2) as C programs call it, and the recorder's helpers that make a map and a program. */
import { BPF_MAP_CREATE, BPF_PROG_LOAD } from '@lsmkit/abi'
import { bpfFields } from '@lsmkit/kernel'
import type { BpfField } from '@lsmkit/kernel'
import { aFilter, anArray } from '../bpf/attr.ts'
import type { Actor } from './actor.ts'
import type { Builtin, CMachine } from './machine.ts'

/** `union bpf_attr`, as far as rows name fields of it. */
export const BPF_HEADERS = `
union bpf_attr {
  struct { uint32_t map_type; uint32_t key_size; uint32_t value_size; uint32_t max_entries; uint32_t map_flags;
    uint32_t inner_map_fd; uint32_t numa_node; char map_name[16]; uint32_t map_ifindex; uint32_t btf_fd;
    uint32_t btf_key_type_id; uint32_t btf_value_type_id; uint32_t btf_vmlinux_value_type_id; uint64_t map_extra;
    uint32_t value_type_btf_obj_fd; uint32_t map_token_fd; };
  struct { uint32_t map_fd; uint64_t key; union { uint64_t value; uint64_t next_key; }; uint64_t flags; };
  struct { uint64_t in_batch; uint64_t out_batch; uint64_t keys; uint64_t values; uint32_t count; uint32_t map_fd;
    uint64_t elem_flags; uint64_t flags; } batch;
  struct { uint32_t prog_type; uint32_t insn_cnt; uint64_t insns; uint64_t license; uint32_t log_level;
    uint32_t log_size; uint64_t log_buf; uint32_t kern_version; uint32_t prog_flags; char prog_name[16];
    uint32_t prog_ifindex; uint32_t expected_attach_type; uint32_t prog_btf_fd; uint32_t func_info_rec_size;
    uint64_t func_info; uint32_t func_info_cnt; uint32_t line_info_rec_size; uint64_t line_info;
    uint32_t line_info_cnt; uint32_t attach_btf_id; uint32_t attach_prog_fd; uint32_t core_relo_cnt;
    uint64_t fd_array; uint64_t core_relos; uint32_t core_relo_rec_size; uint32_t log_true_size;
    uint32_t prog_token_fd; };
  struct { uint64_t pathname; uint32_t bpf_fd; uint32_t file_flags; uint32_t path_fd; };
  struct { uint32_t target_fd; uint32_t attach_bpf_fd; uint32_t attach_type; uint32_t attach_flags;
    uint32_t replace_bpf_fd; uint32_t relative_fd; uint64_t expected_revision; };
  struct { uint32_t prog_fd; uint32_t retval; uint32_t data_size_in; uint32_t data_size_out; uint64_t data_in;
    uint64_t data_out; uint32_t repeat; uint32_t duration; uint32_t ctx_size_in; uint32_t ctx_size_out;
    uint64_t ctx_in; uint64_t ctx_out; uint32_t flags; uint32_t cpu; uint32_t batch_size; } test;
  struct { union { uint32_t start_id; uint32_t prog_id; uint32_t map_id; uint32_t btf_id; uint32_t link_id; };
    uint32_t next_id; uint32_t open_flags; };
  struct { uint32_t bpf_fd; uint32_t info_len; uint64_t info; } info;
  struct { uint32_t target_fd; uint32_t attach_type; uint32_t query_flags; uint32_t attach_flags;
    uint64_t prog_ids; uint32_t prog_cnt; } query;
  struct { uint64_t name; uint32_t prog_fd; uint64_t cookie; } raw_tracepoint;
  struct { uint64_t btf; uint64_t btf_log_buf; uint32_t btf_size; uint32_t btf_log_size; uint32_t btf_log_level;
    uint32_t btf_log_true_size; uint32_t btf_flags; uint32_t btf_token_fd; };
  struct { uint32_t pid; uint32_t fd; uint32_t flags; uint32_t buf_len; uint64_t buf; uint32_t prog_id;
    uint32_t fd_type; uint64_t probe_offset; uint64_t probe_addr; } task_fd_query;
  struct { uint32_t prog_fd; uint32_t target_fd; uint32_t attach_type; uint32_t flags; uint32_t target_btf_id; }
    link_create;
  struct { uint32_t link_fd; uint32_t new_prog_fd; uint32_t flags; uint32_t old_prog_fd; } link_update;
  struct { uint32_t link_fd; } link_detach;
  struct { uint32_t type; } enable_stats;
  struct { uint32_t link_fd; uint32_t flags; } iter_create;
  struct { uint32_t prog_fd; uint32_t map_fd; uint32_t flags; } prog_bind_map;
  struct { uint32_t flags; uint32_t bpffs_fd; } token_create;
  char whole[152];
};
struct bpf_insn { uint8_t code; uint8_t regs; short off; int imm; };
struct bpf_prog_info { uint32_t type; uint32_t id; uint64_t rest[28]; };
struct bpf_map_info { uint32_t type; uint32_t id; uint64_t rest[10]; };
struct bpf_btf_info { uint64_t btf; uint32_t btf_size; uint32_t id; uint64_t name; uint32_t name_len;
  uint32_t kernel_btf; };
struct bpf_link_info { uint32_t type; uint32_t id; uint32_t prog_id; uint32_t rest[13]; };
`

/** `ATTR0(a)` declares a zeroed one. */
export const withAttr = (text: string): string =>
  text.replace(/\bATTR0\((\w+)\)/g, 'union bpf_attr $1; memset(&$1, 0, sizeof $1)')

const SIZES = { u32: 4, u64: 8, pointer: 8, name: 16 } as const
/** Pointers to texts; all others are to bytes. */
const TEXTS: ReadonlySet<string> = new Set(['license', 'pathname', 'name'])

export const bpfCalls = (m: CMachine, { sys }: Actor): Record<string, Builtin> => {
  const at64 = (at: number): number => Number(m.view.getBigUint64(at, true))

  const read = (attr: number, [name, offset, kind]: BpfField): unknown => {
    const at = attr + offset
    if (kind === 'u32') return m.view.getUint32(at, true)
    const word = kind === 'name' ? 0 : at64(at)
    if (kind === 'u64') return word
    if (kind === 'name') return m.text(at)
    if (word === 0) return null
    if (name === 'info') return {}
    return TEXTS.has(name) ? m.text(word) : m.bytes.subarray(word)
  }

  /** What the kernel answered in the union; `info` is told as far as rows look at it. */
  const write = (attr: number, fields: readonly BpfField[], given: Readonly<Record<string, unknown>>): void => {
    for (const [name, offset, kind] of fields) {
      const value = given[name]
      if (kind === 'u32' && typeof value === 'number') m.view.setUint32(attr + offset, value, true)
    }
    const info = given.info as { type?: number; id?: number } | null | undefined
    if (typeof info?.type !== 'number') return
    m.view.setUint32(at64(attr + INFO), info.type, true)
    m.view.setUint32(at64(attr + INFO) + 4, info.id ?? 0, true)
  }

  const bpf: Builtin = (cmd, attr, size) => {
    if (attr === 0) return sys.bpf(cmd, null, size)
    const fields = bpfFields[cmd] ?? []
    const given = Object.fromEntries(fields.map((field) => [field[0], read(attr, field)]))
    const last = Math.max(0, ...fields.map(([, offset, kind]) => offset + SIZES[kind]))
    const tail = m.bytes.subarray(attr + last, attr + Math.max(size, last)).some((byte) => byte !== 0)
    const copy = tail ? { ...given, tail: 1 } : given
    const rc = sys.bpf(cmd, copy, size)
    write(attr, fields, copy)
    return rc
  }

  const pa: Builtin = (attr, type) => {
    m.bytes.fill(0, attr, attr + 152)
    const { insns, insn_cnt, license } = aFilter()
    const code = m.alloc(insns.length)
    m.bytes.set(insns, code)
    m.view.setUint32(attr, type, true)
    m.view.setUint32(attr + 4, insn_cnt, true)
    m.view.setBigUint64(attr + 8, BigInt(code), true)
    m.view.setBigUint64(attr + 16, BigInt(m.string(license)), true)
    return 0
  }

  return {
    bpf, pa,
    mkmap: () => sys.bpf(BPF_MAP_CREATE, anArray()),
    mkprog: () => sys.bpf(BPF_PROG_LOAD, aFilter()),
  }
}

const INFO = 8
