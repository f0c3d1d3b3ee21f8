/** Fields of contexts that came after the oldest release: `TABLE.FIELD` of the verifier's tables, or `FIELD` of all. */
import type { KernelRelease } from './releases.ts'
import { releaseOrder } from './releases.ts'

const since: ReadonlyMap<string, KernelRelease> = new Map([
  ['hwtstamp', '6.1'], ['tstamp_type', '6.1'], ['skb_hwtstamp', '6.6'], ['rx_queue_mapping', '5.15'],
  ['skLookup.ingress_ifindex', '6.1'], ['skReuseport.sk', '5.15'], ['skReuseport.migrating_sk', '5.15'],
])

export const hasContextField = (release: KernelRelease, table: string, field: string): boolean => {
  const first = since.get(`${table}.${field}`) ?? since.get(field)
  return first === undefined || releaseOrder(release) >= releaseOrder(first)
}
