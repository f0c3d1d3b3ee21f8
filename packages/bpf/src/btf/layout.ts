/** Where the types of a `.BTF` section begin: one pass that checks everything later readers rely on. */
import {
  BTF_INFO_KFLAG, BTF_INFO_KIND, BTF_INFO_VLEN, BTF_INT_BITS, BTF_INT_ENCODING, BTF_INT_OFFSET, BTF_KIND_ARRAY,
  BTF_KIND_CONST, BTF_KIND_DATASEC, BTF_KIND_DECL_TAG, BTF_KIND_ENUM, BTF_KIND_ENUM64, BTF_KIND_FLOAT, BTF_KIND_FUNC,
  BTF_KIND_FUNC_PROTO, BTF_KIND_FWD, BTF_KIND_INT, BTF_KIND_MAX, BTF_KIND_PTR, BTF_KIND_RESTRICT, BTF_KIND_STRUCT,
  BTF_KIND_TYPEDEF, BTF_KIND_TYPE_TAG, BTF_KIND_UNION, BTF_KIND_VAR, BTF_KIND_VOLATILE, BTF_MAGIC, BTF_MAX_TYPE,
  BTF_VERSION,
} from '@lsmkit/abi'
import { BpfError } from '../error.ts'

export interface BtfLayout {
  /** The type section as little-endian words. */
  readonly words: Uint32Array
  /** Where each type begins in `words`; type 0 is void and has no words. */
  readonly at: Uint32Array
  readonly strings: Uint8Array
}

const bad = (message: string, place: string | null = null): never => {
  throw new BpfError('bad-btf', message, place)
}

/** Reads the header and walks the types. Throws BpfError for bytes that are no BTF of version 1. */
export const layoutBtf = (bytes: Uint8Array): BtfLayout => {
  if (bytes.length < 24) throw new BpfError('not-btf', `${bytes.length} bytes are too few for a BTF header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const magic = view.getUint16(0, true)
  if (magic === 0x9feb) throw new BpfError('unsupported', 'big-endian BTF', null, 'compile for little-endian BPF')
  if (magic !== BTF_MAGIC) throw new BpfError('not-btf', `magic is 0x${magic.toString(16)}, not 0xeb9f`)
  const version = view.getUint8(2)
  if (version !== BTF_VERSION) throw new BpfError('not-btf', `version ${version} is not known`)
  if (view.getUint8(3) !== 0) bad('header has unknown flags')
  const headerLength = view.getUint32(4, true)
  if (headerLength < 24 || headerLength > bytes.length) bad(`header of ${headerLength} bytes`)
  const [typeOff, typeLen, strOff, strLen] = [8, 12, 16, 20].map((at) => view.getUint32(at, true)) as
    [number, number, number, number]
  if (typeOff % 4 || typeLen % 4) bad('types do not lie on 4-byte boundaries')
  const types = within(bytes, headerLength, typeOff, typeLen, 'type section')
  const strings = within(bytes, headerLength, strOff, strLen, 'string section')
  if (strLen === 0 || strings[0] !== 0 || strings[strLen - 1] !== 0) {
    bad('string section must begin and end with a NUL')
  }
  const words = wordsOf(types)
  return { words, at: walk(words, strLen), strings }
}

const within = (bytes: Uint8Array, base: number, offset: number, length: number, what: string): Uint8Array => {
  if (base + offset + length > bytes.length) bad(`${what} reaches beyond the end`)
  return bytes.subarray(base + offset, base + offset + length)
}

/** Words in place where alignment and byte order allow; the host is little-endian, as WebAssembly is. */
const wordsOf = (bytes: Uint8Array): Uint32Array => {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2)
}

/** Words after the common three, for each kind: fixed, and per element of vlen. */
const extra = (kind: number): readonly [fixed: number, each: number] => {
  switch (kind) {
    case BTF_KIND_INT: case BTF_KIND_VAR: case BTF_KIND_DECL_TAG: return [1, 0]
    case BTF_KIND_ARRAY: return [3, 0]
    case BTF_KIND_STRUCT: case BTF_KIND_UNION: case BTF_KIND_DATASEC: case BTF_KIND_ENUM64: return [0, 3]
    case BTF_KIND_ENUM: case BTF_KIND_FUNC_PROTO: return [0, 2]
    default: return [0, 0]
  }
}
const fixedWords = Uint8Array.from({ length: 32 }, (_, kind) => extra(kind)[0])
const wordsEach = Uint8Array.from({ length: 32 }, (_, kind) => extra(kind)[1])

const walk = (words: Uint32Array, strLen: number): Uint32Array => {
  const at: number[] = [0]
  let cursor = 0
  while (cursor < words.length) {
    const id = at.length
    if (id > BTF_MAX_TYPE) bad('more types than ids')
    if (cursor + 3 > words.length) bad('cut off', `type ${id}`)
    const info = words[cursor + 1]!
    const kind = BTF_INFO_KIND(info)
    if (kind === 0 || kind > BTF_KIND_MAX) bad(`kind ${kind} is not known`, `type ${id}`)
    const next = cursor + 3 + fixedWords[kind]! + wordsEach[kind]! * BTF_INFO_VLEN(info)
    if (next > words.length) bad('cut off', `type ${id}`)
    at.push(cursor)
    cursor = next
  }
  const starts = Uint32Array.from(at)
  const bounds = { count: starts.length, strLen }
  for (let id = 1; id < starts.length; id++) checkType(words, starts[id]!, id, bounds)
  return starts
}

/** What the words of a type are checked against. */
interface Bounds {
  /** How many types there are, void included. */
  readonly count: number
  /** Bytes of the string section. */
  readonly strLen: number
}

const checkName = (id: number, { strLen }: Bounds, offset: number): void => {
  if (offset >= strLen) bad(`name at ${offset} lies beyond the strings`, `type ${id}`)
}

const checkReference = (id: number, { count }: Bounds, other: number): void => {
  if (other >= count) bad(`refers to type ${other}, of ${count}`, `type ${id}`)
}

/** Checks the words of one type: names and ids in range, sizes that fit its kind. */
const checkType = (words: Uint32Array, at: number, id: number, bounds: Bounds): void => {
  const info = words[at + 1]!
  const kind = BTF_INFO_KIND(info)
  const vlen = BTF_INFO_VLEN(info)
  checkName(id, bounds, words[at]!)
  if ((info & 0x60ff0000) !== 0) bad('reserved bits of the info word are set', `type ${id}`)
  if (vlen > (kind === BTF_KIND_FUNC ? 2 : 0) && wordsEach[kind] === 0) {
    bad(`kind ${kind} has no elements`, `type ${id}`)
  }
  switch (kind) {
    case BTF_KIND_INT: {
      const size = words[at + 2]!
      const word = words[at + 3]!
      if (![1, 2, 4, 8, 16].includes(size)) bad(`integer of ${size} bytes`, `type ${id}`)
      if (BTF_INT_BITS(word) + BTF_INT_OFFSET(word) > size * 8) bad('bits do not fit the integer', `type ${id}`)
      if (BTF_INT_ENCODING(word) > 7) bad('encoding is not known', `type ${id}`)
      return
    }
    case BTF_KIND_ARRAY:
      checkReference(id, bounds, words[at + 3]!)
      checkReference(id, bounds, words[at + 4]!)
      return
    case BTF_KIND_STRUCT: case BTF_KIND_UNION: {
      const size = words[at + 2]!
      for (let member = at + 3, end = member + vlen * 3; member < end; member += 3) {
        checkName(id, bounds, words[member]!)
        checkReference(id, bounds, words[member + 1]!)
        const offset = words[member + 2]!
        if ((BTF_INFO_KFLAG(info) ? offset & 0xffffff : offset) > size * 8) {
          bad('a member lies beyond the end', `type ${id}`)
        }
      }
      return
    }
    case BTF_KIND_ENUM: case BTF_KIND_ENUM64: {
      const each = kind === BTF_KIND_ENUM ? 2 : 3
      if (![0, 1, 2, 4, 8].includes(words[at + 2]!)) bad(`enumeration of ${words[at + 2]} bytes`, `type ${id}`)
      for (let value = at + 3, end = value + vlen * each; value < end; value += each) {
        checkName(id, bounds, words[value]!)
      }
      return
    }
    case BTF_KIND_FUNC:
    case BTF_KIND_PTR: case BTF_KIND_TYPEDEF: case BTF_KIND_VOLATILE: case BTF_KIND_CONST: case BTF_KIND_RESTRICT:
    case BTF_KIND_TYPE_TAG: case BTF_KIND_VAR: case BTF_KIND_DECL_TAG:
      checkReference(id, bounds, words[at + 2]!)
      return
    case BTF_KIND_FUNC_PROTO:
      checkReference(id, bounds, words[at + 2]!)
      for (let param = at + 3, end = param + vlen * 2; param < end; param += 2) {
        checkName(id, bounds, words[param]!)
        checkReference(id, bounds, words[param + 1]!)
      }
      return
    case BTF_KIND_DATASEC:
      for (let entry = at + 3, end = entry + vlen * 3; entry < end; entry += 3) {
        checkReference(id, bounds, words[entry]!)
      }
      return
    case BTF_KIND_FLOAT:
      if (![2, 4, 8, 12, 16].includes(words[at + 2]!)) bad(`float of ${words[at + 2]} bytes`, `type ${id}`)
      return
    case BTF_KIND_FWD:
      return
  }
}
