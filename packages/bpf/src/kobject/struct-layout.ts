/** A struct of the kernel, flat: what lies at which byte of it, and where its objects have that. */
import { ownValue } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import type { BtfMember } from '../btf/btf-type.ts'
import { isUnkept } from '../vmlinux/unkept.ts'
import { members, wider } from './members.ts'
import { isName, readerOf } from './reader.ts'
import type { Read } from './reader.ts'
import { isInner } from './within.ts'

/**
 * The form of the value there: a number; two words (capability sets); a pointer to a struct or to anything else; bytes
 * or text.
 */
export type LeafForm = 'signed' | 'unsigned' | 'words' | 'pointer' | 'bytes'

export interface Leaf {
  /** `d_name.len`, for people. */
  readonly name: string
  readonly offset: number
  /** Bytes. */
  readonly size: number
  readonly form: LeafForm
  readonly read: Read
  /** Names of the members that `read` follows, fit for code; null when it does something else. */
  readonly path: readonly string[] | null
  /** Struct that is pointed to, if it is one. */
  readonly struct: string | null
  /** Of a bit field: first bit in its bytes and how many; null for others. */
  readonly bits: readonly [first: number, count: number] | null
  /** Place among the leaves. */
  readonly index: number
}

/** A struct inside of the struct, as an object of its own. */
export interface Part {
  readonly offset: number
  readonly struct: string
  readonly read: Read
}

export interface StructLayout {
  readonly name: string
  readonly size: number
  /** Ascending by offset. */
  readonly leaves: readonly Leaf[]
  readonly parts: readonly Part[]
  /** Where members of the struct itself lie. */
  readonly offsets: ReadonlyMap<string, number>
}

/** The only member of structs that hold one number: ids and capability sets; counters; references. */
const WRAPPED: ReadonlySet<string> = new Set(['val', 'counter', 'refs', 'refcount'])

/** Keeps a place free for members of another struct. */
const FILLER = '__filler'

/** Elements of an array that are told apart. */
const MOST_ELEMENTS = 256
/** Bytes that are shown of a flexible array. */
const FLEXIBLE_BYTES = 256
const DEEPEST = 8

export const layoutOf = (btf: Btf, name: string): StructLayout | null => {
  const id = btf.find(name, 'struct') || btf.find(name, 'union')
  if (id === 0) return null
  const flat = new Flattener(btf)
  flat.struct(id, name, 0, { path: [], read: null }, 0)
  let size = btf.size(id)
  for (const struct of Object.keys(wider)) {
    const outer = ownValue(wider, struct) === name ? btf.find(struct, 'struct') : 0
    if (outer === 0) continue
    flat.struct(outer, struct, 0, { path: [], read: null }, 0, btf.size(id))
    size = Math.max(size, btf.size(outer))
  }
  const leaves = flat.leaves.sort((a, b) => a.offset - b.offset).map((leaf, index) => ({ ...leaf, index }))
  return { name, size, leaves, parts: flat.parts, offsets: flat.offsets }
}

/** How to come to an object: members by name behind a function, if there is one. */
interface Way {
  readonly read: Read | null
  readonly path: readonly string[]
}

const reading = ({ read, path }: Way): Read => {
  if (read === null) return path.length === 0 ? ((object: unknown) => object) : readerOf(path)
  if (path.length === 0) return read
  const rest = readerOf(path)
  return (object: never) => {
    const part = read(object)
    return part === null || part === undefined ? undefined : rest(part as never)
  }
}

/** The way, and a function of what it leads to. */
const passed = (way: Way, then: (object: never) => unknown): Way => {
  const before = reading(way)
  const isDirect = way.read === null && way.path.length === 0
  return { read: isDirect ? then : (object: never) => ifThere(before(object), then as Step), path: [] }
}
type Step = (there: unknown) => unknown

class Flattener {
  readonly leaves: Omit<Leaf, 'index'>[] = []
  readonly parts: Part[] = []
  readonly offsets = new Map<string, number>()
  readonly #btf: Btf

  constructor(btf: Btf) {
    this.#btf = btf
  }

  /** `from`: leaves out members that lie before. What lies in a nameless part is a member of the struct around it. */
  struct(id: number, struct: string, offset: number, way: Way, depth: number, from = 0): void {
    if (depth > DEEPEST) return
    for (const member of this.#btf.members(id)) {
      const at = offset + Math.floor(member.bitOffset / 8)
      const { id: inner, kind } = this.#btf.resolved(member.type)
      const isNameless = member.name === '' && (kind === 'struct' || kind === 'union')
      if (isNameless) this.struct(inner, struct, at, way, depth, from)
      else if (at >= from) this.#member(struct, member, at, way, depth)
    }
  }

  #member(struct: string, { name, type, bitOffset, bitSize }: BtfMember, at: number, way: Way, depth: number): void {
    if (depth === 0) this.offsets.set(name, at)
    // nothing is there, whatever the host's objects have under that name
    if (isUnkept(struct, name) || name === FILLER) return
    const own = ownValue(ownValue(members, struct), name)
    if (isInner(own)) return this.#value(type, name, at, passed(way, own.within), depth, struct)
    const to = this.#through(struct, name, way)
    if (bitSize === 0) this.#value(type, name, at, to, depth, struct)
    else this.#bits(name, at, [bitOffset % 8, bitSize], to)
  }

  #through(struct: string, name: string, way: Way): Way {
    const other = ownValue(ownValue(members, struct), name)
    if (name === '' || other === null) return way
    if (typeof other === 'function') return passed(way, other)
    return { read: way.read, path: [...way.path, typeof other === 'string' ? other : name] }
  }

  #value(type: number, name: string, at: number, way: Way, depth: number, owner: string): void {
    const btf = this.#btf
    const found = btf.resolved(type)
    const size = btf.size(type)
    switch (found.kind) {
      case 'int':
        return this.#leaf(name, at, size, found.isSigned ? 'signed' : 'unsigned', way)
      case 'enum': case 'enum64':
        return this.#leaf(name, at, size, found.isSigned ? 'signed' : 'unsigned', way)
      case 'ptr': {
        const pointee = btf.resolved(found.type)
        const isStruct = pointee.kind === 'struct' || pointee.kind === 'union' || pointee.kind === 'fwd'
        return this.#leaf(name, at, 8, 'pointer', way, isStruct && pointee.name !== '' ? pointee.name : null)
      }
      case 'struct': case 'union': return this.#inner(found.id, found.name, name, at, way, depth, owner)
      case 'array': return this.#array(found.type, found.length, name, at, way, depth, owner)
      default: return undefined
    }
  }

  /** Ids and capability sets are structs of one number; their objects have the number itself. */
  #inner(
    id: number, struct: string, name: string, at: number, way: Way, depth: number, owner: string,
  ): void {
    const own = this.#btf.members(id)
    if (own.length === 1 && WRAPPED.has(own[0]!.name)) {
      const size = this.#btf.size(id)
      const form = own[0]!.name !== 'val' ? 'signed' : size === 8 ? 'words' : 'unsigned'
      return this.#leaf(name, at, size, form, way)
    }
    if (struct !== '') this.parts.push({ offset: at, struct, read: reading(way) })
    // a nameless one is known by the member that it is
    this.struct(id, struct || `anon_${owner.replace(/^anon_/, '')}_${name}`, at, way, depth + 1)
  }

  #array(
    type: number, length: number, name: string, at: number, way: Way, depth: number, owner: string,
  ): void {
    const element = this.#btf.size(type)
    if (element === 1) return this.#leaf(name, at, length === 0 ? FLEXIBLE_BYTES : length, 'bytes', way)
    if (element <= 0) return
    // a flexible array goes on behind the struct
    const count = length === 0 ? MOST_ELEMENTS : Math.min(length, MOST_ELEMENTS)
    for (let index = 0; index < count; index++) {
      const before = reading(way)
      const read = ((object: never) => ifThere(before(object), (list) => (list as unknown[])[index])) as Read
      this.#value(type, `${name}[${index}]`, at + index * element, { read, path: [] }, depth + 1, owner)
    }
  }

  #bits(name: string, offset: number, bits: readonly [number, number], way: Way): void {
    const size = Math.ceil((bits[0] + bits[1]) / 8)
    this.leaves.push({ name, offset, size, form: 'unsigned', read: reading(way), path: null, struct: null, bits })
  }

  #leaf(name: string, offset: number, size: number, form: LeafForm, way: Way, struct: string | null = null): void {
    const isPath = way.read === null && way.path.length > 0 && way.path.every(isName)
    const path = isPath ? way.path : null
    this.leaves.push({ name, offset, size, form, read: reading(way), path, struct, bits: null })
  }
}

const ifThere = (value: unknown, then: (there: unknown) => unknown): unknown =>
  value === null || value === undefined ? undefined : then(value)
