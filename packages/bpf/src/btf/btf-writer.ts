/** Writes types as a `.BTF` section. */
import {
  BTF_KIND_ENUM64, BTF_MAGIC, BTF_MAX_NAME_OFFSET, BTF_MAX_TYPE, BTF_MAX_VLEN, BTF_VERSION,
} from '@lsmkit/abi'
import { BpfError } from '../error.ts'
import type { Btf } from './btf.ts'
import { btfKinds } from './btf-type.ts'
import type { BtfMember, BtfType } from './btf-type.ts'

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never
/** A type as it is read, its id still to be given. */
export type NewType = Unnumbered<BtfType>

const HEADER = 24
const encoder = new TextEncoder()
const ASCII = /^[\0-\x7f]*$/

/** Types get ids in the order they are added. */
export class BtfWriter {
  readonly #types: (NewType | null)[] = [null]
  readonly #offsets = new Map<string, number>([['', 0]])
  readonly #strings: string[] = ['']
  #stringsLength = 1

  /** Its id. */
  add(type: NewType): number {
    return this.#types.push(type) - 1
  }

  /** An id for a type that `fill` defines later: structs that point to each other. */
  reserve(): number {
    return this.#types.push(null) - 1
  }

  fill(id: number, type: NewType): void {
    this.#types[id] = type
  }

  /** All types of `types` under the ids they have there; to an empty writer only. */
  static from(types: Btf): BtfWriter {
    const writer = new BtfWriter()
    for (let id = 1; id < types.count; id++) writer.add(types.type(id))
    return writer
  }

  /** Throws BpfError `bad-btf` for a reserved id without a type, and for what the format cannot hold. */
  toBytes(): Uint8Array {
    if (this.#types.length - 1 > BTF_MAX_TYPE) throw new BpfError('bad-btf', 'more types than ids')
    // 32 bits each, signed or not: small integers in an array are quicker than doubles
    const words: number[] = []
    for (let id = 1; id < this.#types.length; id++) {
      const type = this.#types[id]
      if (!type) throw new BpfError('bad-btf', 'was reserved and never filled', `type ${id}`)
      this.#write(words, type, id)
    }
    if (this.#stringsLength > BTF_MAX_NAME_OFFSET) throw new BpfError('bad-btf', 'more names than the format holds')
    const bytes = new Uint8Array(HEADER + words.length * 4 + this.#stringsLength)
    const view = new DataView(bytes.buffer)
    view.setUint16(0, BTF_MAGIC, true)
    view.setUint8(2, BTF_VERSION)
    const header = [HEADER, 0, words.length * 4, words.length * 4, this.#stringsLength]
    for (const [index, word] of header.entries()) view.setUint32(4 + index * 4, word, true)
    // the host is little-endian, as readers of BTF take it too
    new Uint32Array(bytes.buffer, HEADER, words.length).set(words)
    bytes.set(encoder.encode(`${this.#strings.join('\0')}\0`), HEADER + words.length * 4)
    return bytes
  }

  #name(text: string): number {
    let offset = this.#offsets.get(text)
    if (offset === undefined) {
      offset = this.#stringsLength
      this.#offsets.set(text, offset)
      this.#strings.push(text)
      this.#stringsLength += (ASCII.test(text) ? text.length : encoder.encode(text).length) + 1
    }
    return offset
  }

  #write(words: number[], type: NewType, id: number): void {
    const kind = btfKinds.indexOf(type.kind as (typeof btfKinds)[number])
    const head = (vlen: number, flag: boolean, word: number): void => {
      if (vlen > BTF_MAX_VLEN) throw new BpfError('bad-btf', `${vlen} elements`, `type ${id}`)
      words.push(this.#name(type.name), (flag ? 0x8000_0000 : 0) | (kind << 24) | vlen, word)
    }
    switch (type.kind) {
      case 'void': throw new BpfError('bad-btf', 'void is type 0 and no other', `type ${id}`)
      case 'int': {
        const encoding = (type.isSigned ? 1 : 0) | (type.isChar ? 2 : 0) | (type.isBool ? 4 : 0)
        head(0, false, type.size)
        words.push((encoding << 24) | (type.bitOffset << 16) | type.bits)
        return
      }
      case 'ptr': case 'typedef': case 'volatile': case 'const': case 'restrict': case 'type_tag':
        return head(0, false, type.type)
      case 'array':
        head(0, false, 0)
        words.push(type.type, type.indexType, type.length)
        return
      case 'struct': case 'union': {
        const hasBits = type.members.some(({ bitSize }) => bitSize > 0)
        head(type.members.length, hasBits, type.size)
        for (const member of type.members) words.push(this.#name(member.name), member.type, place(member, hasBits, id))
        return
      }
      case 'enum': case 'enum64': {
        head(type.values.length, type.isSigned, type.size)
        for (const { name, value } of type.values) {
          words.push(this.#name(name), Number(BigInt.asIntN(32, value)))
          if (kind === BTF_KIND_ENUM64) words.push(Number((value >> 32n) & 0xffff_ffffn))
          else if (!fitsWord(value)) throw new BpfError('bad-btf', `\`${name}\` exceeds 32 bits`, `type ${id}`)
        }
        return
      }
      case 'fwd': return head(0, type.isUnion, 0)
      case 'func': return head(type.linkage, false, type.type)
      case 'func_proto': {
        const params = type.isVariadic ? [...type.params, { name: '', type: 0 }] : type.params
        head(params.length, false, type.type)
        for (const param of params) words.push(this.#name(param.name), param.type)
        return
      }
      case 'var':
        head(0, false, type.type)
        words.push(type.linkage)
        return
      case 'datasec':
        head(type.vars.length, false, type.size)
        for (const variable of type.vars) words.push(variable.type, variable.offset, variable.size)
        return
      case 'float': return head(0, false, type.size)
      case 'decl_tag':
        head(0, false, type.type)
        words.push(type.component)
    }
  }
}

const fitsWord = (value: bigint): boolean => value >= -0x8000_0000n && value <= 0xffff_ffffn

const place = ({ bitOffset, bitSize }: BtfMember, hasBits: boolean, id: number): number => {
  if (hasBits && (bitOffset > 0xff_ffff || bitSize > 255)) {
    throw new BpfError('bad-btf', 'a bit-field too far in', `type ${id}`)
  }
  return hasBits ? (bitSize << 24) | bitOffset : bitOffset
}
