/** Turns C declarations into BTF: each type once, structs laid out as a 64-bit compiler does. */
import { BTF_FUNC_STATIC, ownValue } from '@lsmkit/abi'
import type { BtfWriter, NewType } from '../btf/btf-writer.ts'
import type { BtfMember } from '../btf/btf-type.ts'
import type { CDeclaration, CType } from './c-declaration.ts'
import type { EnumValues } from './enums.ts'
import { parseDeclaration, parseMembers } from './c-declaration.ts'

export interface Laid {
  readonly size: number
  readonly align: number
}

export interface PlacedField {
  readonly name: string
  readonly type: CType
  /** Bytes. */
  readonly offset: number
  readonly size: number
  /** Of a bit field: the first bit behind `offset`, and how many; 0 for others. */
  readonly bit: number
  readonly bits: number
}

/** A struct's members, and what it takes. */
interface Placed extends Laid {
  readonly fields: readonly PlacedField[]
}

/** Tables call a nameless type `anon_OWNER_MEMBER`; the kernel has structs of its own that begin so. */
const isNameless = (name: string): boolean => name.startsWith('anon_') && !/^anon_vma(?:_|$)/.test(name)

/** C names of integers: size, signed, char, bool. */
const integers: Readonly<Record<string, readonly [
  name: string, size: number, signed: boolean, form?: 'char' | 'bool',
]>> = {
  char: ['char', 1, true, 'char'],
  'signed char': ['signed char', 1, true, 'char'],
  'unsigned char': ['unsigned char', 1, false],
  short: ['short', 2, true],
  'unsigned short': ['unsigned short', 2, false],
  int: ['int', 4, true],
  unsigned: ['unsigned int', 4, false],
  'unsigned int': ['unsigned int', 4, false],
  long: ['long', 8, true],
  'unsigned long': ['unsigned long', 8, false],
  'long long': ['long long', 8, true],
  'unsigned long long': ['unsigned long long', 8, false],
  _Bool: ['_Bool', 1, false, 'bool'],
}

export class TypeBuilder {
  readonly writer: BtfWriter
  /** Bodies of structs and unions, by `struct name`; those that are not here are only declared. */
  readonly #bodies: ReadonlyMap<string, string>
  readonly #typedefs: Readonly<Record<string, string>>
  readonly #enums: Readonly<Record<string, EnumValues>>
  readonly #ids = new Map<string, number>()
  /** The same by the type itself: declarations share theirs. */
  readonly #idsOfTypes = new Map<CType, number>()
  readonly #typesOfNames = new Map<string, CType>()
  readonly #laidNames = new Map<string, Laid>()
  readonly #laid = new Map<string, Placed>()
  readonly #open = new Set<string>()

  constructor(
    writer: BtfWriter, bodies: ReadonlyMap<string, string>, typedefs: Readonly<Record<string, string>>,
    enums: Readonly<Record<string, EnumValues>> = {},
  ) {
    this.#enums = enums
    this.writer = writer
    this.#bodies = bodies
    this.#typedefs = typedefs
  }

  /** Id of a type. */
  id(type: CType): number {
    if (type.kind === 'name' && type.name === 'void') return 0
    let id = this.#idsOfTypes.get(type)
    if (id === undefined) {
      const key = keyOf(type)
      this.#idsOfTypes.set(type, (id = this.#ids.get(key) ?? this.#make(type, key)))
    }
    return id
  }

  /** Fields of a struct in order, with their places. */
  fields(text: string, isUnion = false): Placed {
    const fields: PlacedField[] = []
    let end = 0
    let size = 0
    let align = 1
    /** Bits of the word at the end that are taken. */
    let taken = 0
    for (const { at, bits, declaration: { name, type } } of parseMembers(text)) {
      const laid = this.layout(type)
      if (at === 'end') end = size
      const shares = bits > 0 && taken > 0 && at === null && taken + bits <= laid.size * 8 && end % laid.size === 0
      const place = shares ? end - laid.size : isUnion ? 0 : Math.ceil(end / laid.align) * laid.align
      const offset = typeof at === 'number' ? at : place
      fields.push({ name, type, offset, size: laid.size, bit: shares ? taken : 0, bits })
      taken = bits === 0 ? 0 : (shares ? taken : 0) + bits
      // what is placed by hand lies over the others and moves none of them
      if (typeof at !== 'number') end = offset + laid.size
      size = Math.max(size, offset + laid.size)
      align = Math.max(align, laid.align)
    }
    return { fields, size: Math.ceil(size / align) * align, align }
  }

  /** Size and alignment. Throws RangeError for a struct that is only declared. */
  layout(type: CType): Laid {
    switch (type.kind) {
      case 'pointer': return { size: 8, align: 8 }
      case 'enum': return { size: 4, align: 4 }
      case 'const': case 'volatile': case 'tag': return this.layout(type.of)
      case 'array': {
        const { size, align } = this.layout(type.of)
        return { size: size * type.length, align }
      }
      case 'name': {
        let laid = this.#laidNames.get(type.name)
        if (laid === undefined) {
          const size = ownValue(integers, type.name)?.[1]
          laid = size === undefined ? this.layout(this.#typedef(type.name)) : { size, align: size }
          this.#laidNames.set(type.name, laid)
        }
        return laid
      }
      case 'struct': case 'union': {
        const key = keyOf(type)
        const body = this.#bodies.get(key)
        if (body === undefined) throw new RangeError(`\`${key}\` has no size: it is only declared`)
        return this.#placed(key, body, type.kind === 'union')
      }
      case 'function': throw new RangeError('a function has no size')
    }
  }

  #placed(key: string, body: string, isUnion: boolean): Placed {
    let laid = this.#laid.get(key)
    if (!laid) {
      if (this.#open.has(key)) throw new RangeError(`\`${key}\` contains itself`)
      this.#open.add(key)
      laid = this.fields(body, isUnion)
      this.#open.delete(key)
      this.#laid.set(key, laid)
    }
    return laid
  }

  /** `int name(struct a *b)` as a function. Its id. */
  func(text: string): number {
    const { name, type } = parseDeclaration(text)
    return this.writer.add({ kind: 'func', name, type: this.id(type), linkage: BTF_FUNC_STATIC })
  }

  /** Functions of these names, all of the prototype in `text`. */
  funcs(text: string, names: readonly string[]): void {
    const type = this.id(parseDeclaration(text).type)
    for (const name of names) this.writer.add({ kind: 'func', name, type, linkage: BTF_FUNC_STATIC })
  }

  /** A declaration as the name of its type. */
  typedef(text: string): number {
    const { name, type } = parseDeclaration(text)
    return this.writer.add({ kind: 'typedef', name, type: this.id(type) })
  }

  #typedef(name: string): CType {
    let type = this.#typesOfNames.get(name)
    if (type === undefined) {
      const text = this.#typedefs[name]
      if (text === undefined) throw new RangeError(`\`${name}\` is not a type`)
      this.#typesOfNames.set(name, (type = parseDeclaration(text).type))
    }
    return type
  }

  #make(type: CType, key: string): number {
    if (type.kind === 'struct' || type.kind === 'union') return this.#makeComposite(type.kind, type.name, key)
    const id = this.writer.reserve()
    this.#ids.set(key, id)
    this.writer.fill(id, this.#shape(type))
    return id
  }

  #shape(type: Exclude<CType, { kind: 'struct' | 'union'; name: string }>): NewType {
    switch (type.kind) {
      case 'pointer': return { kind: 'ptr', name: '', type: this.id(type.of) }
      case 'const': case 'volatile': return { kind: type.kind, name: '', type: this.id(type.of) }
      case 'tag': return { kind: 'type_tag', name: type.name, type: this.id(type.of) }
      case 'array':
        return {
          kind: 'array', name: '', type: this.id(type.of), indexType: this.id({ kind: 'name', name: 'unsigned int' }),
          length: type.length,
        }
      case 'enum': {
        const values = ownValue(this.#enums, type.name) ?? []
        return {
          kind: 'enum', name: isNameless(type.name) ? '' : type.name, size: 4,
          isSigned: values.some(([, value]) => value < 0),
          values: values.map(([name, value]) => ({ name, value: BigInt(value) })),
        }
      }
      case 'function':
        return {
          kind: 'func_proto', name: '', type: this.id(type.returns), params: this.#params(type.params),
          isVariadic: type.isVariadic,
        }
      default: {
        const integer = ownValue(integers, type.name)
        if (!integer) return { kind: 'typedef', name: type.name, type: this.id(this.#typedef(type.name)) }
        const [name, size, isSigned, form] = integer
        return {
          kind: 'int', name, size, bits: size * 8, bitOffset: 0, isSigned, isChar: form === 'char',
          isBool: form === 'bool',
        }
      }
    }
  }

  #params(params: readonly CDeclaration[]) {
    return params.map(({ name, type }) => ({ name, type: this.id(type) }))
  }

  #makeComposite(kind: 'struct' | 'union', name: string, key: string): number {
    const body = this.#bodies.get(key)
    const id = this.writer.reserve()
    this.#ids.set(key, id)
    if (body === undefined) {
      this.writer.fill(id, { kind: 'fwd', name, isUnion: kind === 'union' })
      return id
    }
    const { fields, size } = this.#placed(key, body, kind === 'union')
    const members = fields.map((field): BtfMember =>
      ({
        name: field.name, type: this.id(field.type), bitOffset: field.offset * 8 + field.bit, bitSize: field.bits,
      }))
    this.writer.fill(id, { kind, name: isNameless(name) ? '' : name, size, members })
    return id
  }
}

/** The type's text in one form, by which it is known. */
const keyOf = (type: CType): string => {
  switch (type.kind) {
    case 'name': return ownValue(integers, type.name)?.[0] ?? type.name
    case 'struct': case 'union': case 'enum': return `${type.kind} ${type.name}`
    case 'const': case 'volatile': return `${type.kind} (${keyOf(type.of)})`
    case 'tag': return `__${type.name} (${keyOf(type.of)})`
    case 'pointer': return `* (${keyOf(type.of)})`
    case 'array': return `[${type.length}] (${keyOf(type.of)})`
    case 'function': {
      const params = type.params.map((param) => `${param.name}: ${keyOf(param.type)}`)
      return `(${params.join(', ')}${type.isVariadic ? ', ...' : ''}) -> ${keyOf(type.returns)}`
    }
  }
}
