/** A kernel without CONFIG_SECURITY, in the shape a kernel boots from: what capabilities decide is all that is left. */
import { capability } from '@lsmkit/capability'
import { configSecurityOff, createStack } from '@lsmkit/core'
import type { Host } from '@lsmkit/core'
import type { BootOptions } from '@lsmkit/kernel'

export const securityOff = (): BootOptions['stack'] => {
  // a stack of nobody lends the cell of the current task and the object factories
  const nobody = createStack({ lsms: [], capability: 'none' })
  const { current, objects } = nobody
  return {
    names: [],
    ids: [],
    pseudoFs: [],
    lsm: configSecurityOff({ capability: capability(), current, objects, host: nobody.host }),
    current,
    objects,
    set host(host: Host) {
      nobody.host = host
    },
  }
}
