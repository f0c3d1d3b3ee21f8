/** The fields of an LSM that ordering uses: those of struct lsm_info. */
import type { BlobKind } from '../hooks/hook-types.ts'

/** The fields of struct lsm_blob_sizes; `xattr_count` counts slots, the others bytes. */
export type SizedKind = BlobKind | 'xattr_count'
export type BlobSizes = Readonly<Record<SizedKind, number>>

export interface OrderRecord {
  readonly name: string
  /** LSM_ORDER_*; `mutable` unless given. */
  readonly order?: 'first' | 'mutable' | 'last'
  readonly early?: boolean
  readonly legacyMajor?: boolean
  readonly exclusive?: boolean
  /** The value of its own enabled variable; null or absent when it has none. */
  readonly enabled?: boolean | null
  /** Whether it registers hooks at all: only then the lsm file names it. True unless given. */
  readonly registers?: boolean
  /** Bytes by kind of object, and `xattr_count` slots. */
  readonly blobs?: Partial<BlobSizes>
}
