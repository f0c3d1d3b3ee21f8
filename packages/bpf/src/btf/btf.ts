/** The types of a program or of a kernel: a `.BTF` section, read where it lies. */
import {
  BTF_INFO_KFLAG, BTF_INFO_KIND, BTF_INFO_VLEN, BTF_INT_BITS, BTF_INT_BOOL, BTF_INT_CHAR, BTF_INT_ENCODING,
  BTF_INT_OFFSET, BTF_INT_SIGNED, BTF_KIND_ARRAY, BTF_KIND_CONST, BTF_KIND_DATASEC, BTF_KIND_DECL_TAG, BTF_KIND_ENUM,
  BTF_KIND_ENUM64, BTF_KIND_FLOAT, BTF_KIND_FUNC, BTF_KIND_FUNC_PROTO, BTF_KIND_FWD, BTF_KIND_INT, BTF_KIND_PTR,
  BTF_KIND_RESTRICT, BTF_KIND_STRUCT, BTF_KIND_TYPEDEF, BTF_KIND_TYPE_TAG, BTF_KIND_UNION, BTF_KIND_VAR,
  BTF_KIND_VOLATILE, BTF_MEMBER_BITFIELD_SIZE, BTF_MEMBER_BIT_OFFSET,
} from '@lsmkit/abi'
import { BpfError } from '../error.ts'
import { btfKinds } from './btf-type.ts'
import type {
  BtfArray, BtfComposite, BtfDatasec, BtfDeclTag, BtfEnum, BtfEnumerator, BtfFunc, BtfFuncProto, BtfKind, BtfMember,
  BtfParam, BtfSecVar, BtfType,
} from './btf-type.ts'
import { layoutBtf } from './layout.ts'
import { NameIndex } from './name-index.ts'

/** As `MAX_RESOLVE_DEPTH`: more typedefs, modifiers or nested arrays than this are refused. */
const MAX_DEPTH = 32
const decoder = new TextDecoder()

/**
 * Types by id; 0 is void. Everything is read from the file's words when asked for: a kernel's 113,962 types cost one
 * pass of checks. Types that were returned are kept, so the same id is the same object.
 */
export class Btf {
  /** Number of types, void included: ids are below it. */
  readonly count: number
  /** The section it was read from. */
  readonly section: Uint8Array
  readonly #words: Uint32Array
  readonly #at: Uint32Array
  readonly #strings: Uint8Array
  readonly #made: (BtfType | undefined)[]
  readonly #texts = new Map<number, string>()
  #index: NameIndex | null = null
  #tagged: Map<number, BtfDeclTag[]> | null = null

  /** Reads `.BTF`. Throws BpfError (`not-btf`, `bad-btf`, `unsupported`). The bytes are not copied. */
  constructor(bytes: Uint8Array) {
    const { words, at, strings } = layoutBtf(bytes)
    this.section = bytes
    this.#words = words
    this.#at = at
    this.#strings = strings
    this.count = at.length
    this.#made = [{ kind: 'void', id: 0, name: '' }]
  }

  /** The text at `offset` of the string section. */
  text(offset: number): string {
    let text = this.#texts.get(offset)
    if (text === undefined) {
      if (offset >= this.#strings.length) throw new BpfError('bad-btf', `no string at ${offset}`)
      text = decoder.decode(this.#strings.subarray(offset, this.#strings.indexOf(0, offset)))
      this.#texts.set(offset, text)
    }
    return text
  }

  /** `BTF_KIND_*`: cheaper than `type(id).kind` for types that are looked at once. */
  kindNumber(id: number): number {
    return id === 0 ? 0 : BTF_INFO_KIND(this.#words[this.#at[id]! + 1]!)
  }

  kind(id: number): BtfKind {
    return btfKinds[this.kindNumber(id)]!
  }

  name(id: number): string {
    return id === 0 ? '' : this.text(this.#words[this.#at[id]!]!)
  }

  /** The type of that id. Throws BpfError `no-type` when there is none. */
  type(id: number): BtfType {
    return this.#made[id] ?? this.#make(id)
  }

  /** First type of that name, of that kind when one is given; 0 when there is none. Anonymous types have no name. */
  find(name: string, kind: BtfKind | null = null): number {
    return this.#names().find(name, kind === null ? 0 : btfKinds.indexOf(kind as (typeof btfKinds)[number]))
  }

  /** All types of that name, in the order of their ids. */
  findAll(name: string): number[] {
    return this.#names().findAll(name)
  }

  /** All types whose name up to a `___` is `name` (CO-RE flavours), in the order of their ids. */
  findEssential(name: string): number[] {
    return this.#names().findEssential(name)
  }

  #names(): NameIndex {
    return (this.#index ??= new NameIndex(this.#words, this.#at, this.#strings))
  }

  /** The type under typedefs, `const`, `volatile`, `restrict` and type tags. */
  resolve(id: number): number {
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      const kind = this.kindNumber(id)
      if (!isModifier(kind) && kind !== BTF_KIND_TYPEDEF) return id
      id = this.#words[this.#at[id]! + 2]!
    }
    throw new BpfError('too-deep', `more than ${MAX_DEPTH} typedefs and modifiers`, `type ${id}`)
  }

  /** The type under modifiers, with typedefs kept. */
  skipModifiers(id: number): number {
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      if (!isModifier(this.kindNumber(id))) return id
      id = this.#words[this.#at[id]! + 2]!
    }
    throw new BpfError('too-deep', `more than ${MAX_DEPTH} modifiers`, `type ${id}`)
  }

  /** The type under modifiers and typedefs, as a value. */
  resolved(id: number): BtfType {
    return this.type(this.resolve(id))
  }

  /** Bytes a value of the type takes; -1 for void, functions and forward declarations, which have no size. */
  size(id: number): number {
    let count = 1
    for (let depth = 0; depth < MAX_DEPTH; depth++) {
      const at = this.#at[id]!
      switch (this.kindNumber(id)) {
        case BTF_KIND_INT: case BTF_KIND_STRUCT: case BTF_KIND_UNION: case BTF_KIND_ENUM: case BTF_KIND_ENUM64:
        case BTF_KIND_FLOAT: case BTF_KIND_DATASEC:
          return this.#bytes(count * this.#words[at + 2]!, id)
        case BTF_KIND_PTR:
          return this.#bytes(count * 8, id)
        case BTF_KIND_ARRAY:
          count = this.#bytes(count * this.#words[at + 5]!, id)
          id = this.#words[at + 3]!
          break
        case BTF_KIND_TYPEDEF: case BTF_KIND_VOLATILE: case BTF_KIND_CONST: case BTF_KIND_RESTRICT:
        case BTF_KIND_TYPE_TAG: case BTF_KIND_VAR: case BTF_KIND_DECL_TAG:
          id = this.#words[at + 2]!
          break
        default:
          return -1
      }
    }
    throw new BpfError('too-deep', `more than ${MAX_DEPTH} types deep`, `type ${id}`)
  }

  /** Alignment in bytes as a C compiler for 64-bit lays types out; 1 where nothing says. */
  align(id: number, depth = 0): number {
    if (depth > MAX_DEPTH) throw new BpfError('too-deep', `more than ${MAX_DEPTH} types deep`, `type ${id}`)
    const type = this.resolved(id)
    switch (type.kind) {
      case 'int': case 'enum': case 'enum64': case 'float': return Math.min(type.size, 8)
      case 'ptr': return 8
      case 'array': return this.align(type.type, depth + 1)
      case 'struct': case 'union': {
        let widest = 1
        for (const member of type.members) {
          const align = this.align(member.type, depth + 1)
          if (member.bitSize === 0 && member.bitOffset % (align * 8) !== 0) return 1
          widest = Math.max(widest, align)
        }
        return type.size % widest === 0 ? widest : 1
      }
      default: return 1
    }
  }

  /** Members of the struct or union under typedefs and modifiers; none for other kinds. */
  members(id: number): readonly BtfMember[] {
    const type = this.resolved(id)
    return type.kind === 'struct' || type.kind === 'union' ? type.members : []
  }

  /** Prototype of a function; also of a pointer to one, under modifiers. Null if it is not a function. */
  proto(id: number): BtfFuncProto | null {
    const type = this.type(this.protoId(id))
    return type.kind === 'func_proto' ? type : null
  }

  /** Id of the type that `proto` gives; 0 when there is none. */
  protoId(id: number): number {
    const resolved = this.resolve(id)
    const type = this.type(resolved)
    const found = type.kind === 'ptr' || type.kind === 'func' ? this.resolve(type.type) : resolved
    return this.kind(found) === 'func_proto' ? found : 0
  }

  /** Declaration tags of a type, of all of its members or parameters too, in the order of the file. */
  tags(id: number): readonly BtfDeclTag[] {
    this.#tagged ??= this.#collectTags()
    return this.#tagged.get(id) ?? []
  }

  /** Ids of one kind, in order. */
  *ids(kind: BtfKind): Generator<number> {
    const number = btfKinds.indexOf(kind as (typeof btfKinds)[number])
    for (let id = 1; id < this.count; id++) if (this.kindNumber(id) === number) yield id
  }

  #bytes(size: number, id: number): number {
    if (size > 0xffff_ffff) throw new BpfError('bad-btf', 'size exceeds 4 GiB', `type ${id}`)
    return size
  }

  #collectTags(): Map<number, BtfDeclTag[]> {
    const tagged = new Map<number, BtfDeclTag[]>()
    for (const id of this.ids('decl_tag')) {
      const tag = this.type(id) as BtfDeclTag
      const others = tagged.get(tag.type)
      if (others) others.push(tag)
      else tagged.set(tag.type, [tag])
    }
    return tagged
  }

  #make(id: number): BtfType {
    if (!(id >= 0 && id < this.count)) throw new BpfError('no-type', `no type of id ${id}, there are ${this.count}`)
    const at = this.#at[id]!
    const info = this.#words[at + 1]!
    const word = this.#words[at + 2]!
    return (this.#made[id] = this.#shape(id, this.text(this.#words[at]!), BTF_INFO_KIND(info), info, word, at + 3))
  }

  #shape(id: number, name: string, kind: number, info: number, word: number, at: number): BtfType {
    const words = this.#words
    switch (kind) {
      case BTF_KIND_INT: {
        const encoding = BTF_INT_ENCODING(words[at]!)
        return {
          kind: 'int', id, name, size: word, bits: BTF_INT_BITS(words[at]!), bitOffset: BTF_INT_OFFSET(words[at]!),
          isSigned: (encoding & BTF_INT_SIGNED) !== 0, isChar: (encoding & BTF_INT_CHAR) !== 0,
          isBool: (encoding & BTF_INT_BOOL) !== 0,
        }
      }
      case BTF_KIND_PTR: return { kind: 'ptr', id, name, type: word }
      case BTF_KIND_ARRAY: return this.#shapeArray(id, name, at)
      case BTF_KIND_STRUCT: return this.#shapeComposite('struct', id, name, info, word, at)
      case BTF_KIND_UNION: return this.#shapeComposite('union', id, name, info, word, at)
      case BTF_KIND_ENUM: return this.#shapeEnum(id, name, info, word, at)
      case BTF_KIND_ENUM64: return this.#shapeEnum64(id, name, info, word, at)
      case BTF_KIND_FWD: return { kind: 'fwd', id, name, isUnion: BTF_INFO_KFLAG(info) !== 0 }
      case BTF_KIND_TYPEDEF: return { kind: 'typedef', id, name, type: word }
      case BTF_KIND_VOLATILE: return { kind: 'volatile', id, name, type: word }
      case BTF_KIND_CONST: return { kind: 'const', id, name, type: word }
      case BTF_KIND_RESTRICT: return { kind: 'restrict', id, name, type: word }
      case BTF_KIND_TYPE_TAG: return { kind: 'type_tag', id, name, type: word }
      case BTF_KIND_FUNC: return { kind: 'func', id, name, type: word, linkage: BTF_INFO_VLEN(info) } satisfies BtfFunc
      case BTF_KIND_FUNC_PROTO: return this.#shapeProto(id, name, info, word, at)
      case BTF_KIND_VAR: return { kind: 'var', id, name, type: word, linkage: words[at]! }
      case BTF_KIND_DATASEC: return this.#shapeDatasec(id, name, info, word, at)
      case BTF_KIND_FLOAT: return { kind: 'float', id, name, size: word }
      case BTF_KIND_DECL_TAG: return { kind: 'decl_tag', id, name, type: word, component: words[at]! | 0 }
      default: throw new BpfError('bad-btf', `kind ${kind} is not known`, `type ${id}`)
    }
  }

  #shapeArray(id: number, name: string, at: number): BtfArray {
    const [type, indexType, length] = this.#words.subarray(at, at + 3) as unknown as [number, number, number]
    return { kind: 'array', id, name, type, indexType, length }
  }

  #shapeComposite(
    kind: 'struct' | 'union', id: number, name: string, info: number, size: number, at: number,
  ): BtfComposite {
    const members: BtfMember[] = []
    const hasBits = BTF_INFO_KFLAG(info) !== 0
    for (let rest = BTF_INFO_VLEN(info); rest > 0; rest--, at += 3) {
      const offset = this.#words[at + 2]!
      members.push({
        name: this.text(this.#words[at]!),
        type: this.#words[at + 1]!,
        bitOffset: hasBits ? BTF_MEMBER_BIT_OFFSET(offset) : offset,
        bitSize: hasBits ? BTF_MEMBER_BITFIELD_SIZE(offset) : 0,
      })
    }
    return { kind, id, name, size, members }
  }

  #shapeEnum(id: number, name: string, info: number, size: number, at: number): BtfEnum {
    const isSigned = BTF_INFO_KFLAG(info) !== 0
    const values: BtfEnumerator[] = []
    for (let rest = BTF_INFO_VLEN(info); rest > 0; rest--, at += 2) {
      const word = this.#words[at + 1]!
      values.push({ name: this.text(this.#words[at]!), value: BigInt(isSigned ? word | 0 : word) })
    }
    return { kind: 'enum', id, name, size, isSigned, values }
  }

  #shapeEnum64(id: number, name: string, info: number, size: number, at: number): BtfEnum {
    const isSigned = BTF_INFO_KFLAG(info) !== 0
    const values: BtfEnumerator[] = []
    for (let rest = BTF_INFO_VLEN(info); rest > 0; rest--, at += 3) {
      const value = (BigInt(this.#words[at + 2]!) << 32n) | BigInt(this.#words[at + 1]!)
      values.push({ name: this.text(this.#words[at]!), value: isSigned ? BigInt.asIntN(64, value) : value })
    }
    return { kind: 'enum64', id, name, size, isSigned, values }
  }

  #shapeProto(id: number, name: string, info: number, type: number, at: number): BtfFuncProto {
    const params: BtfParam[] = []
    for (let rest = BTF_INFO_VLEN(info); rest > 0; rest--, at += 2) {
      params.push({ name: this.text(this.#words[at]!), type: this.#words[at + 1]! })
    }
    const last = params.at(-1)
    const isVariadic = last !== undefined && last.type === 0 && last.name === ''
    if (isVariadic) params.pop()
    return { kind: 'func_proto', id, name, type, params, isVariadic }
  }

  #shapeDatasec(id: number, name: string, info: number, size: number, at: number): BtfDatasec {
    const vars: BtfSecVar[] = []
    for (let rest = BTF_INFO_VLEN(info); rest > 0; rest--, at += 3) {
      vars.push({ type: this.#words[at]!, offset: this.#words[at + 1]!, size: this.#words[at + 2]! })
    }
    return { kind: 'datasec', id, name, size, vars }
  }
}

const isModifier = (kind: number): boolean =>
  kind === BTF_KIND_CONST || kind === BTF_KIND_VOLATILE || kind === BTF_KIND_RESTRICT || kind === BTF_KIND_TYPE_TAG
