/** Boots of the kernel's own ordering code: records and arguments in; order, who is enabled, and blob layout out. */
import { orderLsms } from '@lsmkit/core/order'
import type { BlobSizes, Order, OrderRecord } from '@lsmkit/core/order'
import { canonical, parseJson } from '../json.ts'
import type { Suite } from '../suite.ts'

interface VectorRecord {
  readonly name: string
  /** LSM_ORDER_*: -1, 0, 1. */
  readonly order: number
  readonly flags: number
  /** -1: no enabled variable of its own. */
  readonly ownEnabled: number
  readonly early: number
  readonly cred: number
  readonly inode: number
  readonly file: number
  readonly xattr: number
}

interface Vector {
  readonly title: string
  readonly records: readonly VectorRecord[]
  readonly configLsm: string
  readonly lsmParam: string | null
  readonly securityParam: string | null
  readonly expect: unknown
}

const LEGACY_MAJOR = 1
const EXCLUSIVE = 2

const toRecord = ({ name, order, flags, ownEnabled, early, cred, inode, file, xattr }: VectorRecord): OrderRecord => ({
  name,
  order: (['first', 'mutable', 'last'] as const)[order + 1]!,
  early: early === 1,
  legacyMajor: (flags & LEGACY_MAJOR) !== 0,
  exclusive: (flags & EXCLUSIVE) !== 0,
  enabled: ownEnabled < 0 ? null : ownEnabled === 1,
  blobs: { cred, inode, file, xattr_count: xattr },
})

const sizes = ({ cred, inode, file, xattr_count }: BlobSizes) => ({ cred, inode, file, xattr: xattr_count })

const told = ({ listed, initOrder, exclusive, lsmFile, securityParamIgnored, warned, blobTotals, offsets }: Order) => ({
  listed,
  initOrder,
  exclusive,
  lsmFile,
  securityParamIgnored,
  warned,
  blobTotals: sizes(blobTotals),
  offsets: Object.fromEntries(Object.entries(offsets).map(([name, of]) => [name, sizes(of)])),
})

export const orderVectors: Suite = {
  *run(inputs) {
    for (const input of inputs) {
      const { vectors } = parseJson<{ vectors: Vector[] }>(input)
      for (const [i, { title, records, configLsm, lsmParam, securityParam, expect }] of vectors.entries()) {
        const got = told(orderLsms(records.map(toRecord), { configLsm, lsmParam, securityParam }))
        yield { id: `${i} (${title})`, expected: canonical(expect), got: canonical(got) }
      }
    }
  },
}
