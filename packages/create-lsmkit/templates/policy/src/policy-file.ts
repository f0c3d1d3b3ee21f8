/** The policy as a file of securityfs: /sys/kernel/security/my-lsm/policy. */
import { CAP_MAC_ADMIN, EINVAL, EPERM, SECURITYFS_MAGIC } from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { LsmContext, PseudoFs } from '@lsmkit/core'
import { parsePolicy, PolicyError, policyText } from './policy.ts'
import type { Policy } from './policy.ts'

/** One write is one policy. A policy that cannot be read is -EINVAL, and the policy in force stays. */
export const policyFs = (name: string, held: { policy: Policy }, { lsm, current }: LsmContext): PseudoFs => {
  const file = {
    name: `${name}/policy`,
    mode: 0o600,
    read: () => policyText(held.policy),
    write(_io: unknown, data: Uint8Array) {
      if (!capable(lsm, current, CAP_MAC_ADMIN)) return -EPERM
      try {
        held.policy = parsePolicy(new TextDecoder().decode(data))
        return data.length
      } catch (error) {
        if (error instanceof PolicyError) return -EINVAL
        throw error
      }
    },
  }
  return { type: 'securityfs', magic: SECURITYFS_MAGIC, mountPoint: '/sys/kernel/security', files: () => [file] }
}
