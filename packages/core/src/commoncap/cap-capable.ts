/** `cap_capable`: the question everything about capabilities comes down to. Asked directly, never through a slot. */
import { capHas, EPERM } from '@lsmkit/abi'
import type { Cred, UserNamespace } from '../objects/cred.ts'

/**
 * Whether `cred` has `cap` over `targ_ns`: 0 or -EPERM. Capabilities held in a namespace count in all below it; the
 * owner of a namespace (by euid, in its parent) has every capability there, whatever the effective set holds.
 * The walk ends because levels fall by one from child to parent.
 */
export const cap_capable = (cred: Cred, targ_ns: UserNamespace, cap: number, _opts = 0): number => {
  const home = cred.user_ns
  let ns: UserNamespace | null = targ_ns
  while (ns !== null) {
    if (ns === home) return capHas(cred.cap_effective, cap) ? 0 : -EPERM
    if (ns.level <= home.level) return -EPERM
    if (ns.parent === home && ns.owner === cred.euid) return 0
    ns = ns.parent
  }
  return -EPERM
}
