/** Records of ring buffers as lines: by a struct of the object's types when one fits, else as bytes. */
import type { LoadedObject } from '@lsmkit/bpf'
import { decodeValue, RingBuffer, valueText } from '@lsmkit/bpf/maps'
import { CommandError } from '../command-error.ts'

export interface RingReader {
  /** Whether there are any; without, nothing will ever come. */
  readonly hasRings: boolean
  /** Lines for the records that have come since. */
  read(): string[]
}

/** `struct` names the type of records; without it one called `event` is taken when its size fits. */
export const ringReader = (loaded: LoadedObject, struct: string | undefined): RingReader => {
  const rings = [...loaded.maps.values()].filter(({ map }) => map instanceof RingBuffer)
  const types = rings[0]?.types ?? null
  const id = types?.find(struct ?? 'event', 'struct') ?? 0
  if (struct !== undefined && id === 0) {
    throw new CommandError('usage', `the object has no \`struct ${struct}\``, 'lsm bpf dump lists its types')
  }
  const size = types && id !== 0 ? types.size(id) : -1
  const text = (record: Uint8Array): string => {
    if (!types || record.length !== size) return Buffer.from(record).toString('hex')
    return valueText(decodeValue(types, id, new DataView(record.buffer, record.byteOffset, record.length), 0))
  }
  return {
    hasRings: rings.length > 0,
    read: () => rings.flatMap(({ map }) =>
      (map as RingBuffer).consume().map((record) => `${map.spec.symbol}: ${text(record)}`)),
  }
}
