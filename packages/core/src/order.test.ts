import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { orderLsms } from './order.ts'

const file = new URL('../../../../shared/golden/core/lsm-order-vectors.json', import.meta.url)
const { vectors } = (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { vectors: [] }) as { vectors: any[] }
test.each(vectors)('$title', (v: any) => {
  const order = orderLsms(v.records.map((r: any) => ({
    name: r.name, order: (['first', 'mutable', 'last'] as const)[r.order + 1], early: r.early === 1,
    legacyMajor: (r.flags & 1) !== 0, exclusive: (r.flags & 2) !== 0, enabled: r.ownEnabled < 0 ? null : r.ownEnabled === 1,
    blobs: { cred: r.cred, inode: r.inode, file: r.file, xattr_count: r.xattr },
  })), v)
  const pick = (s: any) => ({ cred: s.cred, inode: s.inode, file: s.file, xattr: s.xattr_count })
  expect({
    listed: order.listed, initOrder: order.initOrder, exclusive: order.exclusive, lsmFile: order.lsmFile,
    securityParamIgnored: order.securityParamIgnored, warned: order.warned, blobTotals: pick(order.blobTotals),
    offsets: Object.fromEntries(Object.entries(order.offsets).map(([n, s]) => [n, pick(s)])),
  }).toEqual(v.expect)
})
