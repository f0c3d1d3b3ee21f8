/** Capabilities for runs in a process of their own: the pure function of core on its hook. */
import { cap_capable, defineLsm } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'

export const capability = (): Lsm => defineLsm({
  name: 'capability',
  abi: '1.0', id: 100, order: 'first',
  hooks: () => ({ capable: (cred, ns, cap) => cap_capable(cred, ns, cap) }),
})
