/**
 * Fields of map values and local objects that have rules of their own: locks, timers, kernel pointers, lists, trees,
 * counters.
 */
import type { Btf } from '../btf/btf.ts'
import type { Features } from '../kernels/features.ts'
import { numberRules } from './number-rules.ts'

export type FieldKind =
  | 'bpf_spin_lock' | 'bpf_timer' | 'bpf_wq' | 'bpf_refcount' | 'bpf_list_head' | 'bpf_list_node' | 'bpf_rb_root' |
    'bpf_rb_node'
  | 'kptr_unref' | 'kptr_ref' | 'kptr_percpu'

export interface Field {
  readonly kind: FieldKind
  readonly offset: number
  readonly size: number
  /** The target of a kptr, or the node type of a list or tree. */
  readonly btf: Btf
  readonly btfId: number
  /** Offset of the node in its object. */
  readonly nodeOffset: number
}

export interface FieldRecord {
  readonly fields: readonly Field[]
  readonly has: ReadonlySet<FieldKind>
}

const plain: ReadonlyMap<string, number> = new Map([
  ['bpf_spin_lock', 4], ['bpf_timer', 16], ['bpf_wq', 16], ['bpf_refcount', 4], ['bpf_list_head', 16],
  ['bpf_list_node', 24],
  ['bpf_rb_root', 16], ['bpf_rb_node', 32],
])

/** Whether the kernel knows the struct as one with rules of its own. */
const isKnown = ({ timers, workQueues, localObjects }: Features, kind: FieldKind): boolean => {
  switch (kind) {
    case 'bpf_spin_lock': return true
    case 'bpf_timer': return timers
    case 'bpf_wq': return workQueues
    default: return localObjects
  }
}

const kptrKind = ({ kptrs, kptrTagsByTrust, percpuKptrs }: Features, tag: string): FieldKind | undefined => {
  if (!kptrs) return undefined
  switch (tag) {
    case 'kptr': return kptrTagsByTrust ? 'kptr_ref' : 'kptr_unref'
    case 'kptr_untrusted': return kptrTagsByTrust ? 'kptr_unref' : undefined
    case 'kptr_ref': return kptrTagsByTrust ? undefined : 'kptr_ref'
    case 'percpu_kptr': return percpuKptrs ? 'kptr_percpu' : undefined
    default: return undefined
  }
}

/** Reads one type's fields; `kernel` resolves what kernel pointers point to. */
class Finder {
  readonly fields: Field[] = []
  /** A pointer has a tag that the kernel does not know: it then keeps none at all. */
  hasUnknownTag = false
  readonly #btf: Btf
  readonly #kernel: Btf | null
  readonly #features: Features

  constructor(btf: Btf, kernel: Btf | null, features: Features) {
    this.#btf = btf
    this.#kernel = kernel
    this.#features = features
  }

  composite(typeId: number, base: number, depth: number): void {
    const type = this.#btf.resolved(typeId)
    if (depth > 8 || (type.kind !== 'struct' && type.kind !== 'union')) return
    for (const [i, member] of type.members.entries()) {
      if (member.bitSize !== 0) continue
      this.#variable(member.type, base + member.bitOffset / 8, depth, () => this.#contains(type.id, i))
    }
  }

  datasec(typeId: number): void {
    const type = this.#btf.type(typeId)
    if (type.kind !== 'datasec') return
    for (const { type: varId, offset } of type.vars) {
      const declared = this.#btf.type(varId)
      if (declared.kind === 'var') this.#variable(declared.type, offset, 0, () => this.#contains(varId, -1))
    }
  }

  #variable(typeId: number, offset: number, depth: number, tag: () => readonly [string, string] | null): void {
    const type = this.#btf.resolved(typeId)
    if (type.kind === 'array') {
      const size = this.#btf.size(type.type)
      const count = Math.min(type.length, 16)
      for (let i = 0; i < count; i++) this.#variable(type.type, offset + i * size, depth, tag)
      return
    }
    if (type.kind === 'ptr') {
      this.#pointer(type.type, offset)
      return
    }
    if (type.kind !== 'struct' && type.kind !== 'union') return
    const size = plain.get(type.name)
    if (size === undefined || type.kind === 'union' || !isKnown(this.#features, type.name as FieldKind)) {
      this.composite(type.id, offset, depth + 1)
      return
    }
    const kind = type.name as FieldKind
    const node = kind === 'bpf_list_head' || kind === 'bpf_rb_root' ? this.#node(tag()) : null
    if (node === null && (kind === 'bpf_list_head' || kind === 'bpf_rb_root')) return
    this.fields.push({ kind, offset, size, btf: this.#btf, btfId: node?.btfId ?? 0, nodeOffset: node?.offset ?? 0 })
  }

  #pointer(target: number, offset: number): void {
    let id = target
    let kind: FieldKind | undefined
    for (let type = this.#btf.type(id); type.kind === 'type_tag'; type = this.#btf.type(id)) {
      const found = kptrKind(this.#features, type.name)
      if (found === undefined) this.hasUnknownTag = true
      kind ??= found
      id = type.type
    }
    if (kind === undefined) return
    const type = this.#btf.resolved(id)
    if (type.kind !== 'struct' && type.kind !== 'fwd') return
    const known = this.#kernel?.find(type.name, 'struct') ?? 0
    const [btf, btfId] = known !== 0 ? [this.#kernel!, known] : [this.#btf, type.id]
    this.fields.push({ kind, offset, size: 8, btf, btfId, nodeOffset: 0 })
  }

  /** `contains:STRUCT:FIELD` of a member or variable. */
  #contains(typeId: number, component: number): readonly [string, string] | null {
    for (const tag of this.#btf.tags(typeId)) {
      if (tag.component !== component || !tag.name.startsWith('contains:')) continue
      const [, struct, field] = tag.name.split(':')
      return [struct ?? '', field ?? '']
    }
    return null
  }

  #node(tag: readonly [string, string] | null): { btfId: number, offset: number } | null {
    if (tag === null) return null
    const btfId = this.#btf.find(tag[0], 'struct')
    const member = this.#btf.members(btfId).find(({ name }) => name === tag[1])
    return btfId === 0 || member === undefined ? null : { btfId, offset: member.bitOffset / 8 }
  }
}

const known = new WeakMap<Features, WeakMap<Btf, Map<number, FieldRecord | null>>>()

/** A type with more of them has none that work. */
const MAX_FIELDS = 11

const isKptr = ({ kind }: Field): boolean => KPTRS.includes(kind)

/** The special fields of a struct or data section for the kernel that is asked; null when it has none. */
export const fieldsOf = (btf: Btf, typeId: number, kernel: Btf | null): FieldRecord | null => {
  const features = numberRules
  let byTypes = known.get(features)
  if (byTypes === undefined) known.set(features, (byTypes = new WeakMap()))
  let records = byTypes.get(btf)
  if (records === undefined) byTypes.set(btf, (records = new Map()))
  let record = records.get(typeId)
  if (record === undefined) {
    const finder = new Finder(btf, kernel, features)
    if (btf.type(typeId).kind === 'datasec') finder.datasec(typeId)
    else finder.composite(typeId, 0, 0)
    const dropsKptrs = finder.hasUnknownTag && !features.kptrTagsByTrust
    const found = finder.fields.filter((field) => !dropsKptrs || !isKptr(field))
    const fields = found.sort((a, b) => a.offset - b.offset)
    record = fields.length === 0 || fields.length > MAX_FIELDS
      ? null : { fields, has: new Set(fields.map(({ kind }) => kind)) }
    records.set(typeId, record)
  }
  return record
}

export const fieldAt = (record: FieldRecord | null, offset: number, ...kinds: FieldKind[]): Field | null =>
  record?.fields.find((field) => field.offset === offset && kinds.includes(field.kind)) ?? null

export const KPTRS: readonly FieldKind[] = ['kptr_unref', 'kptr_ref', 'kptr_percpu']
/** Fields that only one object owns: which makes pointers to their nodes owning or not. */
export const isGraphNode = (record: FieldRecord | null): boolean =>
  record !== null && (record.has.has('bpf_list_node') || record.has.has('bpf_rb_node'))
