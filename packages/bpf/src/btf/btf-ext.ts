/** `.BTF.ext`: which function, which source line and which CO-RE access belong to which instruction. */
import { BTF_MAGIC } from '@lsmkit/abi'
import { BpfError } from '../error.ts'
import type { Btf } from './btf.ts'

export interface FuncInfo {
  /** 8-byte slot in the section. */
  readonly slot: number
  /** A `func` of the object's BTF. */
  readonly type: number
}

/** Offsets are into the object's BTF strings. */
export interface LineInfo {
  readonly slot: number
  readonly file: number
  readonly text: number
  readonly line: number
  readonly column: number
}

export interface CoreRelocation {
  readonly slot: number
  /** Root type of the access, in the object's BTF. */
  readonly type: number
  /** Access path, as `0:1:2`. */
  readonly path: string
  /** `BPF_CORE_*`. */
  readonly kind: number
}

/** Records by the name of the section they are about. */
export interface BtfExt {
  readonly functions: ReadonlyMap<string, readonly FuncInfo[]>
  readonly lines: ReadonlyMap<string, readonly LineInfo[]>
  readonly relocations: ReadonlyMap<string, readonly CoreRelocation[]>
}

const bad = (message: string): never => {
  throw new BpfError('bad-btf-ext', message, '.BTF.ext')
}

/** Throws BpfError `bad-btf-ext`. Offsets of instructions are checked against a section by whoever uses them. */
export const readBtfExt = (bytes: Uint8Array, btf: Btf): BtfExt => {
  if (bytes.length < 24) bad('too short for its header')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint16(0, true) !== BTF_MAGIC || view.getUint8(2) !== 1) bad('not version 1 of little-endian BTF')
  const header = view.getUint32(4, true)
  if (header < 24 || header > bytes.length) bad(`header of ${header} bytes`)
  const part = (at: number): DataView | null => {
    if (header < at + 8) return null
    const offset = header + view.getUint32(at, true)
    const length = view.getUint32(at + 4, true)
    if (offset + length > bytes.length) bad('a part reaches beyond the end')
    return length === 0 ? null : new DataView(bytes.buffer, bytes.byteOffset + offset, length)
  }
  return {
    functions: readPart(part(8), btf, 8, (record, at) => {
      const type = record.getUint32(at + 4, true)
      if (type >= btf.count || btf.kind(type) !== 'func') bad(`type ${type} is not a function`)
      return { slot: slotAt(record, at), type }
    }),
    lines: readPart(part(16), btf, 16, (record, at) => {
      const place = record.getUint32(at + 12, true)
      return {
        slot: slotAt(record, at),
        file: record.getUint32(at + 4, true),
        text: record.getUint32(at + 8, true),
        line: place >>> 10,
        column: place & 0x3ff,
      }
    }),
    relocations: readPart(part(24), btf, 16, (record, at) => {
      const type = record.getUint32(at + 4, true)
      if (type >= btf.count) bad(`refers to type ${type}, of ${btf.count}`)
      return {
        slot: slotAt(record, at), type,
        path: btf.text(record.getUint32(at + 8, true)),
        kind: record.getUint32(at + 12, true),
      }
    }),
  }
}

const slotAt = (record: DataView, at: number): number => {
  const offset = record.getUint32(at, true)
  if (offset % 8 !== 0) bad(`an instruction at ${offset}, which is not a multiple of 8`)
  return offset / 8
}

/** Blocks of a section's name, a count and that many records of the size told at the beginning. */
const readPart = <Record>(
  part: DataView | null, btf: Btf, least: number, read: (part: DataView, at: number) => Record,
): Map<string, Record[]> => {
  const sections = new Map<string, Record[]>()
  if (!part) return sections
  if (part.byteLength < 4) return bad('cut off')
  const size = part.getUint32(0, true)
  if (size < least || size % 4 !== 0) bad(`records of ${size} bytes`)
  let at = 4
  while (at < part.byteLength) {
    if (at + 8 > part.byteLength) bad('cut off')
    const name = btf.text(part.getUint32(at, true))
    const count = part.getUint32(at + 4, true)
    at += 8
    if (count === 0 || at + count * size > part.byteLength) bad(`${count} records for \`${name}\` do not fit`)
    const records = sections.get(name) ?? []
    for (let rest = count; rest > 0; rest--, at += size) records.push(read(part, at))
    sections.set(name, records)
  }
  return sections
}
