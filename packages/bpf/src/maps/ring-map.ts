/** The common base of both kinds of ring: records in one row of bytes, and no keys. */
import { ENOTSUPP } from '@lsmkit/abi'
import type { MapSpec } from '../object/bpf-object.ts'
import { KeylessMap } from './keyless-map.ts'
import type { MapSpace } from './map-space.ts'

/** Bytes in front of each record. */
export const RING_HEADER = 8

/**
 * A record that does not fit before the end goes on behind it: there is room for one of the largest size there, so
 * that each lies in one piece, as the kernel has by mapping its pages twice.
 */
export abstract class RingMap extends KeylessMap {
  /** Address of the first byte. */
  protected readonly data: number
  /** From a position to its place behind `data`. */
  protected readonly mask: number

  constructor(spec: MapSpec, space: MapSpace, access: 'data' | 'read-only') {
    super(spec, space, -ENOTSUPP)
    this.mask = spec.maxEntries - 1
    this.data = this.take(spec.maxEntries * 2, access)
  }

  override free(): void {
    this.give(this.data, this.maxEntries * 2)
    super.free()
  }
}
