/** Options that an object needs, where it leaves an inner map, a size or a hook to its loader. */
import {
  BPF_MAP_TYPE_ARENA, BPF_MAP_TYPE_BLOOM_FILTER, BPF_MAP_TYPE_CGROUP_STORAGE, BPF_MAP_TYPE_CGRP_STORAGE,
  BPF_MAP_TYPE_INODE_STORAGE, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, BPF_MAP_TYPE_QUEUE, BPF_MAP_TYPE_RINGBUF,
  BPF_MAP_TYPE_SK_STORAGE, BPF_MAP_TYPE_STACK, BPF_MAP_TYPE_TASK_STORAGE, BPF_MAP_TYPE_USER_RINGBUF,
} from '@lsmkit/abi'
import { nearest } from '@lsmkit/core/did-you-mean'
import type { Btf } from '../btf/btf.ts'
import { targetNames } from './attach-target.ts'
import type { MapSpec, ProgramSpec } from './bpf-object.ts'
import { sectionKind } from './sections.ts'

/** Both spellings of an option. */
const both = (library: string, command: string): string => `give \`${library}\`, or at the command line \`${command}\``

const KEYLESS: ReadonlySet<number> = new Set([
  BPF_MAP_TYPE_RINGBUF, BPF_MAP_TYPE_USER_RINGBUF, BPF_MAP_TYPE_QUEUE, BPF_MAP_TYPE_STACK, BPF_MAP_TYPE_BLOOM_FILTER,
  BPF_MAP_TYPE_ARENA,
])
const VALUELESS: ReadonlySet<number> = new Set([
  BPF_MAP_TYPE_RINGBUF, BPF_MAP_TYPE_USER_RINGBUF, BPF_MAP_TYPE_ARENA,
])

/** Kinds that have no number of entries. */
const ENDLESS: ReadonlySet<number> = new Set([
  BPF_MAP_TYPE_INODE_STORAGE, BPF_MAP_TYPE_SK_STORAGE, BPF_MAP_TYPE_TASK_STORAGE, BPF_MAP_TYPE_CGRP_STORAGE,
  BPF_MAP_TYPE_CGROUP_STORAGE, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE,
])

interface Size {
  /** The kernel's name. */
  readonly name: string
  readonly option: string
  readonly example: number
}

/** Sizes that the file leaves 0. */
export const openSizes = ({ type, keySize, valueSize, maxEntries }: MapSpec): readonly Size[] => [
  ...(maxEntries === 0 && !ENDLESS.has(type)
    ? [{ name: 'max_entries', option: 'maxEntries', example: VALUELESS.has(type) ? 4096 : 1024 }] : []),
  ...(keySize === 0 && !KEYLESS.has(type) ? [{ name: 'key_size', option: 'keySize', example: 4 }] : []),
  ...(valueSize === 0 && !VALUELESS.has(type) ? [{ name: 'value_size', option: 'valueSize', example: 8 }] : []),
]

/** The option that sizes a map; null when the file has all sizes. */
export const sizeHint = (map: MapSpec): string | null => {
  const sizes = openSizes(map)
  if (sizes.length === 0) return null
  return both(
    `maps: { ${keyOf(map.symbol)}: { ${sizes.map(({ option, example }) => `${option}: ${example}`).join(', ')} } }`,
    `--map ${map.symbol}:${sizes.map(({ name, example }) => `${name}=${example}`).join(',')}`,
  )
}

export const innerMapHint = ({ symbol }: MapSpec): string => both(
  `innerMaps: { ${keyOf(symbol)}: { type: BPF_MAP_TYPE_HASH, keySize: 4, valueSize: 8, maxEntries: 16 } }`,
  `--inner-map ${symbol}=hash:4,8,16`,
)

/** Example of a target, by the prefix of its function's name. */
const EXAMPLES: ReadonlyMap<string, string> = new Map([
  ['bpf_lsm_', 'file_open'], ['bpf_iter_', 'task'], ['btf_trace_', 'sys_enter'], ['', 'security_file_open'],
])

/**
 * The option that gives a program a hook, where its section names none, or one that the kernel's types lack; with the
 * name that was meant. Null when it has a target, or needs none.
 */
export const targetHint = ({ section, attachTo, attachBtfId }: ProgramSpec, kernelBtf: Btf | null): string | null => {
  const target = sectionKind(section)?.kind.btf ?? null
  if (target === null || attachBtfId !== 0 || kernelBtf === null) return null
  const near = attachTo === null ? null : nearest(attachTo, targetNames(kernelBtf, target.kind, target.prefix))
  const kind = section.split('/')[0]!
  const meant = near === null ? '' : `did you mean \`${kind}/${near}\`? `
  const hook = near ?? EXAMPLES.get(target.prefix)!
  // types without hooks: no other one would do
  if (kernelBtf.find(target.prefix + hook, target.kind) === 0) return null
  return `${meant}${both(`hooks: { '${section}': '${hook}' }`, `--hook ${section}=${hook}`)}`
}

const keyOf = (name: string): string => (/^\w+$/.test(name) ? name : `'${name}'`)
