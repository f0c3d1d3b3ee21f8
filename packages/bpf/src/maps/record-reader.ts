/** Records of rings and events by a struct of the object's types. */
import type { Btf } from '../btf/btf.ts'
import { BpfError } from '../error.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import type { BpfMap } from './bpf-map.ts'
import { decodeValue, encodeValue } from './value-codec.ts'
import type { Value } from './value-codec.ts'

export interface RecordType {
  /** Name of a struct, or of a typedef of one. */
  readonly type?: string | undefined
}

interface RecordReader {
  /** A record that is shorter than the type stays bytes; what is behind it is left out. */
  value(record: Uint8Array): Value
  bytes(value: Value): Uint8Array
}

/** Throws BpfError `bad-value` for a name that the types do not have. */
export const recordReader = (types: Btf | null, map: BpfMap, type: string | undefined): RecordReader => {
  const id = type === undefined ? map.spec.valueTypeId : named(types, map, type)
  const size = types === null || id === 0 ? -1 : types.size(id)
  return {
    value: (record) => {
      if (size < 0 || record.length < size) return record
      return decodeValue(types!, id, new DataView(record.buffer, record.byteOffset, record.length), 0)
    },
    bytes: (value) => {
      if (value instanceof Uint8Array) return value
      if (size < 0) throw new BpfError('bad-value', 'bytes are wanted, or a `type`', map.spec.symbol)
      const bytes = new Uint8Array(size)
      encodeValue(types!, id, value, new DataView(bytes.buffer), 0, 'record')
      return bytes
    },
  }
}

const named = (types: Btf | null, map: BpfMap, type: string): number => {
  const id = types?.find(type, 'struct') || types?.find(type, 'typedef') || types?.find(type, 'union') || 0
  if (id !== 0) return id
  const names = types === null ? []
    : [...types.ids('struct')].map((one) => types.name(one)).filter((name) => name !== '')
  throw new BpfError('bad-value', `there is no struct \`${type}\` in the object's types`, map.spec.symbol,
    didYouMean(type, names))
}
