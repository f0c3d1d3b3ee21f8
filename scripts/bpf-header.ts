/**
 * Declarations of all helpers in C, from the verifier's table: `node scripts/run.mjs source scripts/bpf-header.ts`
 * writes packages/bpf/objects/lsmkit_helpers.h.
 */
import { writeFileSync } from 'node:fs'
import { BPF_FUNC_cgrp_storage_delete } from '../packages/abi/src/bpf-helper-id.ts'
import { helperPrototypes } from '../packages/bpf/src/helpers/prototypes.ts'
import type { HelperPrototype } from '../packages/bpf/src/helpers/prototypes.ts'

const LAST_OF_6_12 = BPF_FUNC_cgrp_storage_delete

export const HEADER = new URL('../packages/bpf/objects/lsmkit_helpers.h', import.meta.url)

/** Arguments that may be any number, and are addresses: of which helpers, and where. */
const ADDRESSES: Readonly<Record<string, number>> = {
  bpf_probe_read: 2, bpf_probe_read_str: 2, bpf_probe_read_user: 2, bpf_probe_read_kernel: 2,
  bpf_probe_read_user_str: 2, bpf_probe_read_kernel_str: 2, bpf_probe_write_user: 0, bpf_copy_from_user: 2,
  bpf_copy_from_user_task: 2,
}

/** Results of 64 and 32 bits without a sign; all other numbers are `long`. */
const WIDE = new Set([
  'ktime_get_ns', 'ktime_get_boot_ns', 'ktime_get_coarse_ns', 'ktime_get_tai_ns', 'jiffies64', 'get_current_pid_tgid',
  'get_current_uid_gid', 'get_current_task', 'get_current_cgroup_id', 'get_current_ancestor_cgroup_id',
  'get_socket_cookie', 'get_netns_cookie', 'get_func_ip', 'get_attach_cookie', 'skb_cgroup_id',
  'skb_ancestor_cgroup_id', 'sk_cgroup_id', 'sk_ancestor_cgroup_id', 'perf_event_read', 'ringbuf_query',
].map((name) => `bpf_${name}`))
const NARROW = new Set([
  'get_prandom_u32', 'get_smp_processor_id', 'get_cgroup_classid', 'get_route_realm', 'get_hash_recalc',
  'get_socket_uid',
].map((name) => `bpf_${name}`))

const resultOf = ({ name, returns }: HelperPrototype): string => {
  if (name === 'bpf_tail_call') return 'long '
  if (returns === 'void') return 'void '
  if (returns === 'scalar') return WIDE.has(name) ? 'u64 ' : NARROW.has(name) ? 'u32 ' : 'long '
  const struct = /^btf[^:]*:(?!per-call)(\w+)$/.exec(returns)
  return struct === null ? 'void *' : `struct ${struct[1]} *`
}

/** By the first word that begins an argument's. */
const ARGUMENTS: readonly (readonly [word: RegExp, declaration: (n: number) => string])[] = [
  [/^map_key/, () => 'const void *key'],
  [/^map_value.*write/, () => 'void *value'],
  [/^map_value/, () => 'const void *value'],
  [/^map/, () => 'void *map'],
  [/^ctx/, () => 'void *ctx'],
  [/^alloc_size|^size/, (n) => `u32 size${n}`],
  [/^mem.*write/, (n) => `void *mem${n}`],
  [/^mem/, (n) => `const void *mem${n}`],
  [/^ringbuf_mem/, () => 'void *record'],
  [/^func/, () => 'void *callback'],
  [/^stack/, () => 'void *callback_ctx'],
  [/^timer/, () => 'struct bpf_timer *timer'],
  [/^spin_lock/, () => 'struct bpf_spin_lock *lock'],
  [/^dynptr.*\+ro/, () => 'const struct bpf_dynptr *dynptr'],
  [/^dynptr/, () => 'struct bpf_dynptr *dynptr'],
  [/^const_str/, () => 'const char *text'],
  [/^scalar/, () => 'u32 count'],
  [/^percpu_btf/, () => 'const void *variable'],
  [/^kptr_slot/, () => 'void *slot'],
]

const argumentOf = (name: string, word: string, at: number): string => {
  const n = at + 1
  if (word === 'any') return ADDRESSES[name] === at ? `const void *address${n}` : `u64 arg${n}`
  const struct = /^btf[^:]*:(?!per-call)(\w+)$/.exec(word)
  if (struct !== null) return `struct ${struct[1]} *${struct[1]}`
  return ARGUMENTS.find(([found]) => found.test(word))?.[1](n) ?? `void *object${n}`
}

/** Of a helper that differs by program type: what all of its forms take. */
const inOne = (forms: readonly HelperPrototype[]): string => {
  const longest = forms.reduce((a, b) => (b.args.length > a.args.length ? b : a))
  const args = longest.args.map((word, at) => {
    const differs = forms.some((form) => form.args[at] !== undefined && form.args[at] !== word)
    return differs ? `void *object${at + 1}` : argumentOf(longest.name, word, at)
  })
  if (longest.name === 'bpf_trace_printk') args.push('...')
  const { id, name } = longest
  return `static ${resultOf(longest)}(*const ${name})(${args.join(', ') || 'void'}) = (void *)${id};`
}

export const helpersHeader = (): string => {
  const byId = new Map<number, HelperPrototype[]>()
  for (const form of helperPrototypes.filter(({ id }) => id <= LAST_OF_6_12)) {
    byId.set(form.id, [...(byId.get(form.id) ?? []), form])
  }
  const lines = [...byId].sort(([a], [b]) => a - b).map(([, forms]) => inOne(forms))
  const structs = new Set(lines.flatMap((line) => line.match(/struct \w+/g) ?? []))
  return [
    '/* SPDX-License-Identifier: MIT OR GPL-2.0-only */',
    `/* The ${lines.length} helpers of Linux 6.12, from the table of the verifier, by scripts/bpf-header.ts. */`,
    '#pragma once', '', ...[...structs].sort().map((struct) => `${struct};`), '', ...lines, '',
  ].join('\n')
}

if (process.argv[1] === import.meta.filename) writeFileSync(HEADER, helpersHeader())
