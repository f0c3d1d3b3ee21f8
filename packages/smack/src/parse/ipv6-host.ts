/** A line of ipv6host: eight groups, a prefix or none, and a label or `-DELETE` (smk_write_net6addr). */
import { EINVAL, PAGE_SIZE } from '@lsmkit/abi'
import type { Policy } from '../policy.ts'
import { cString } from './bytes.ts'
import { hostLabel, SMK_NETLBLADDRMIN } from './ipv4-host.ts'
import { sscanf } from './sscanf.ts'

const GROUPS = '%x:%x:%x:%x:%x:%x:%x:%x'

/** The count, or -errno. `::` is not understood. */
export const writeIpv6Host = (policy: Policy, data: string): number => {
  if (data.length < SMK_NETLBLADDRMIN || data.length > PAGE_SIZE - 1) return -EINVAL
  const line = cString(data)
  let fields = sscanf(line, `${GROUPS}/%u %s`)
  if (fields.length !== 10) {
    // what the first reading left in the prefix is kept, as the kernel keeps it; then only `/64` is left for a label
    const prefix = fields[8] ?? 128
    fields = sscanf(line, `${GROUPS} %s`)
    if (fields.length !== 9) return -EINVAL
    fields = [...fields.slice(0, 8), prefix, fields[8]!]
  }
  const prefix = Number(fields[8]) >>> 0
  if (prefix > 128) return -EINVAL
  const address = fields.slice(0, 8).map((group) => Number(group) >>> 0)
  if (address.some((group) => group > 0xffff)) return -EINVAL
  const label = hostLabel(policy, String(fields[9]), '-DELETE')
  if (label < 0) return label
  policy.ipv6Hosts.set(address, prefix, label)
  return data.length
}
